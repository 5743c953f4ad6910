// Reads a JSON request body field by field, strictly: types, lengths and ranges are checked, unknown and
// duplicate fields refused. Errors name the field's path and the rule, never the value.
//
//   JsonReader body(context.request().body);
//   const auto name = body.text("name", {.most = 80});
//   const auto epoch = body.integer("epoch", 0);
//   const auto note = body.optional_text("note");
//   if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
//
// Getters never fail by themselves: they give an empty value and `finish` tells the first thing that was
// wrong, so a handler checks once. Do nothing with the values before.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/bytes/bytes.h"
#include "lib/bytes/secret_bytes.h"
#include "lib/bytes/text.h"
#include "server/core/error.h"
#include "server/core/id.h"

namespace wardline::http {

/// Lengths: of text in bytes of UTF-8, of binary fields in bytes after decoding.
struct Length {
  std::size_t least = 0;
  std::size_t most = 1'000;
};

class JsonReader {
 public:
  /// `body` is a JSON object; limits: depth 16, the size is the route's.
  explicit JsonReader(std::string_view body);
  JsonReader(JsonReader&&) noexcept;
  ~JsonReader();

  /// Control characters other than line feed and tab are refused.
  std::string text(std::string_view name, Length length = {.least = 1});
  std::optional<std::string> optional_text(std::string_view name, Length length = {.least = 1});
  std::vector<std::string> texts(std::string_view name, Length each, std::size_t most);
  /// A password or code, wiped after use. The field is text.
  SecretBytes secret(std::string_view name, Length length = {.least = 1});

  std::int64_t integer(std::string_view name, std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t most = std::numeric_limits<std::int64_t>::max());
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t least, std::int64_t most);

  bool boolean(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);

  /// base64url without padding.
  Bytes binary(std::string_view name, Length length);
  std::optional<Bytes> optional_binary(std::string_view name, Length length);
  std::vector<Bytes> binaries(std::string_view name, Length each, std::size_t most);

  template <class SomeId>
  SomeId id(std::string_view name) {
    return optional_id<SomeId>(name, true).value_or(SomeId());
  }
  template <class SomeId>
  std::optional<SomeId> optional_id(std::string_view name) {
    return optional_id<SomeId>(name, false);
  }
  /// Not more than `most`, no duplicates.
  template <class SomeId>
  std::vector<SomeId> ids(std::string_view name, std::size_t most) {
    std::vector<SomeId> found;
    for (const std::string& item : id_texts(name, most))
      found.push_back(SomeId::parse(item).value_or(SomeId()));
    return found;
  }

  /// One of the given words, as the value that stands for it.
  template <class T>
  T choice(std::string_view name, std::initializer_list<std::pair<std::string_view, T>> words) {
    return choose(name, words, true).value_or(words.begin()->second);
  }
  template <class T>
  std::optional<T> optional_choice(std::string_view name,
                                   std::initializer_list<std::pair<std::string_view, T>> words) {
    return choose(name, words, false);
  }

  /// Nested objects; they report to this reader's `finish`, which must come after them.
  JsonReader object(std::string_view name);
  std::optional<JsonReader> optional_object(std::string_view name);
  std::vector<JsonReader> objects(std::string_view name, std::size_t most);

  bool has(std::string_view name) const;

  /// Refuses fields that nobody asked for. Errors: `invalid`, code "invalid-json" or "invalid-field".
  core::Result<void> finish();

 private:
  struct Document;
  struct Level;
  explicit JsonReader(std::shared_ptr<Document> document, Level* level);

  template <class SomeId>
  std::optional<SomeId> optional_id(std::string_view name, bool required) {
    const auto bytes = uuid(name, required);
    return bytes ? std::optional(SomeId(*bytes)) : std::nullopt;
  }
  template <class T>
  std::optional<T> choose(std::string_view name, std::initializer_list<std::pair<std::string_view, T>> words,
                          bool required) {
    const auto written = word(name, required);
    if (!written) return std::nullopt;
    for (const auto& [candidate, value] : words)
      if (candidate == *written) return value;
    refuse(name, "is none of the words it may be");
    return std::nullopt;
  }
  std::optional<std::array<std::uint8_t, 16>> uuid(std::string_view name, bool required);
  std::vector<std::string_view> words(std::string_view name, std::size_t most);
  std::vector<std::string> id_texts(std::string_view name, std::size_t most);
  std::optional<std::string_view> word(std::string_view name, bool required);
  void refuse(std::string_view name, std::string_view rule);

  std::shared_ptr<Document> document_;  ///< Shared by the readers of one body's nested objects.
  Level* level_ = nullptr;
};

}  // namespace wardline::http
