// What commands print: for people, or one JSON object a line for scripts. docs/guides/command-line.md
// describes the objects; they only ever gain members.
#pragma once

#include <boost/json/object.hpp>

#include "client/cli/console.h"
#include "client/messaging/client.h"

namespace wardline::cli {

enum class Format : std::uint8_t { text, json };

class Output {
 public:
  Output(Console& console, Format format) : console_(console), format_(format) {}

  Format format() const { return format_; }
  /// One line: the object, or the text.
  void line(const boost::json::object& object, const std::string& text);
  /// For people only; on standard error.
  void note(const std::string& text);
  /// The error, and how the command ends.
  Exit fail(const client::Error& error);

 private:
  Console& console_;
  Format format_;
};

boost::json::object to_json(const client::Person& person);
boost::json::object to_json(const client::ConversationView& conversation);
/// `me`: the user id whose messages are marked as `own`.
boost::json::object to_json(const client::Message& message, const std::string& me);
boost::json::object to_json(const client::MatchedPatient& patient);

/// "2026-03-01T08:15:00Z".
std::string time_text(std::uint64_t microseconds);

}  // namespace wardline::cli
