// Writes JSON objects of known shape straight into text: for what every message goes through, where a
// document of nodes costs more than all else that is done for it.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "lib/bytes/text.h"
#include "server/core/clock.h"
#include "server/core/id.h"

namespace wardline::http {

/// Members come in the order of the calls. Nothing is escaped, so that nothing which would need it can be
/// given: names and words are our own, everything else is a number, an id or base64url.
class JsonText {
 public:
  /// Opens the outermost object. `expected`: bytes of the whole, so that the text is allocated once.
  explicit JsonText(std::size_t expected) {
    text_.reserve(expected);
    text_ += '{';
  }

  /// `value` is a word of the contract, such as the name of an enum's value.
  void word(std::string_view name, std::string_view value) {
    begin(name);
    text_ += '"';
    text_ += value;
    text_ += '"';
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void number(std::string_view name, T value) {
    begin(name);
    char digits[24];
    text_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
  }
  void flag(std::string_view name, bool value) {
    begin(name);
    text_ += value ? "true" : "false";
  }
  void null(std::string_view name) {
    begin(name);
    text_ += "null";
  }
  void time(std::string_view name, core::Time value) { number(name, value.microseconds); }
  template <class Tag>
  void id(std::string_view name, const core::Id<Tag>& value) {
    begin(name);
    text_ += '"';
    value.append_to(text_);
    text_ += '"';
  }
  void binary(std::string_view name, ByteView value) {
    begin(name);
    text_ += '"';
    append_base64url(text_, value);
    text_ += '"';
  }
  void open(std::string_view name) {
    begin(name);
    text_ += '{';
  }
  void close() { text_ += '}'; }

  /// Closes the outermost object.
  std::string take() {
    close();
    return std::move(text_);
  }

 private:
  void begin(std::string_view name) {
    if (text_.back() != '{') text_ += ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
  }

  std::string text_;
};

}  // namespace wardline::http
