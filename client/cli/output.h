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

  /// Tells of devices that were added in the person's name. From now on every object says it while devices
  /// cannot be trusted. `log` lives until the last call.
  void watch(const client::DeviceLog& log);
  /// The command has done its work: how it ends, which is not well while devices cannot be trusted.
  Exit end();

 private:
  std::string alarm() const { return log_ ? log_->alarm() : std::string(); }

  Console& console_;
  Format format_;
  const client::DeviceLog* log_ = nullptr;
};

boost::json::object to_json(const client::Person& person);
boost::json::object to_json(const client::ConversationView& conversation);
/// `me`: the user id whose messages are marked as `own`. `saved`: where the message's files are, if anywhere.
boost::json::object to_json(const client::Message& message, const std::string& me,
                            const std::vector<std::filesystem::path>& saved);
boost::json::object to_json(const client::MatchedPatient& patient);

/// "2026-03-01T08:15:00Z".
std::string time_text(std::uint64_t microseconds);

}  // namespace wardline::cli
