// The narrow JSON that audit entries are written in: objects, arrays, integers, and strings that need no
// escaping.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "lib/bytes/text.h"

namespace wardline::audit {

/// Appends members in the order of the calls. An empty name is an element of an array, or the whole.
class LineWriter {
 public:
  LineWriter() { out_.reserve(512); }  // An entry about a message has 400 bytes.
  void open(std::string_view name, char bracket) {
    begin(name);
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  /// `value` has no character that JSON would escape: names of enums, codes, hexadecimal.
  void text(std::string_view name, std::string_view value);
  /// The 8-4-4-4-12 form of 16 bytes.
  void uuid(std::string_view name, ByteView id);
  template <std::integral T>
  void number(std::string_view name, T value) {
    begin(name);
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  std::string take() { return std::move(out_); }

 private:
  void begin(std::string_view name);
  std::string out_;
  bool first_ = true;
};

/// Reads members in the order of the calls. The first mistake sticks, and every read after it yields an empty
/// value.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  /// Whether the next member has this name.
  bool has(std::string_view name) const;
  bool at(char bracket) const { return rest_.starts_with(bracket); }
  bool open(std::string_view name, char bracket);
  bool close(char bracket);
  std::string_view text(std::string_view name);
  /// The name of the next member, which is still to be read.
  std::string_view next_name() const;

  template <class SomeId>
  SomeId id(std::string_view name) {
    const auto value = SomeId::parse(text(name));
    if (!value) ok_ = false;
    return value.value_or(SomeId());
  }
  template <std::integral T>
  T number(std::string_view name) {
    T value{};
    if (!begin(name)) return value;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) ok_ = false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    first_ = false;
    return value;
  }

 private:
  bool begin(std::string_view name);
  bool skip(std::string_view expected);
  std::string_view rest_;
  bool first_ = true;
  bool ok_ = true;
};

}  // namespace wardline::audit
