// One call of the API: JSON there and back, and the answer read field by field, each checked.
#pragma once

#include <optional>
#include <vector>

#include <boost/json/object.hpp>

#include "client/net/https_client.h"
#include "lib/bytes/bytes.h"

namespace wardline::client {

namespace json = boost::json;

/// The members of an object of an answer. What is missing or of another type reads as empty and is
/// remembered: a server that answers nonsense is found out by `Answer::read`.
class Fields {
 public:
  Fields(const json::object* object, bool* good) : object_(object), good_(good) {}

  bool has(std::string_view name) const;  ///< present, and not null
  std::string text(std::string_view name) const;
  std::string id(std::string_view name) const;  ///< a UUID: may be put into a path
  std::uint64_t number(std::string_view name) const;
  bool truth(std::string_view name) const;
  Bytes binary(std::string_view name) const;
  Fields object(std::string_view name) const;
  std::vector<Fields> objects(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<std::string> ids(std::string_view name) const;
  std::vector<Bytes> binaries(std::string_view name) const;
  /// The index of the field's text in `choices`.
  std::size_t choice(std::string_view name, std::initializer_list<std::string_view> choices) const;

  std::optional<std::string> optional_text(std::string_view name) const;
  std::optional<std::string> optional_id(std::string_view name) const;
  std::optional<std::uint64_t> optional_number(std::string_view name) const;

 private:
  const json::value* find(std::string_view name) const;
  const json::array& array(std::string_view name) const;
  void bad() const { *good_ = false; }

  const json::object* object_;
  bool* good_;
};

class Answer {
 public:
  /// `unreadable-answer` unless it is one JSON object, or empty.
  static std::expected<Answer, HttpError> parse(std::string_view text);

  /// What `reader` makes of the fields, unless one of them was not as it should be.
  template <class Reader>
  auto read(const Reader& reader) const
      -> std::expected<decltype(reader(std::declval<Fields>())), HttpError> {
    bool good = true;
    auto value = reader(Fields(&object_, &good));
    if (!good) return std::unexpected(unreadable());
    return value;
  }

  static HttpError unreadable();

 private:
  explicit Answer(json::object object) : object_(std::move(object)) {}
  json::object object_;
};

/// A null `body` sends none.
std::expected<Answer, HttpError> call(HttpsClient& https, std::string_view method, std::string_view path,
                                      const json::object* body = nullptr);
inline std::expected<Answer, HttpError> post(HttpsClient& https, std::string_view path,
                                             const json::object& body) {
  return call(https, "POST", path, &body);
}

}  // namespace wardline::client
