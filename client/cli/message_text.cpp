#include "client/cli/message_text.h"

namespace wardline::cli {

using namespace client;

namespace {

std::string name_of_person(Client& client, const std::string& user_id) {
  const auto person = client.person(user_id);
  return person ? person->name : user_id;
}

std::string body_text(Client& client, const Message& message) {
  switch (message.body) {
    case BodyKind::content:
      return message.content.kind == content::Kind::title ? "Title: " + message.content.text
                                                          : message.content.text;
    case BodyKind::unreadable:
      if (message.unreadable == Unreadable::newer_version) return "[This message needs a newer version]";
      return "[This message cannot be read: " + std::string(name_of(message.unreadable)) + "]";
    case BodyKind::membership:
      return (message.added.empty() ? "" : "[Added: " + names_of(client, message.added) + "]") +
             (message.removed.empty() ? "" : "[Removed: " + names_of(client, message.removed) + "]");
    case BodyKind::gap:
      return "[Messages before this point are not on this device]";
  }
  return {};
}

/// "[File: report.pdf, 12345 bytes, saved as /tmp/report.pdf]", each on a line.
std::string files_text(const Message& message, const std::vector<std::filesystem::path>& saved) {
  std::string text;
  for (std::size_t i = 0; i < message.content.attachments.size(); ++i) {
    const content::Attachment& each = message.content.attachments[i];
    text += "\n    [File: " + each.name + ", " + std::to_string(each.size) + " bytes" +
            (i < saved.size() ? ", saved as " + saved[i].string() : "") + "]";
  }
  return text;
}

}  // namespace

std::string names_of(Client& client, const std::vector<std::string>& user_ids) {
  std::string names;
  for (const auto& id : user_ids) names += (names.empty() ? "" : ", ") + name_of_person(client, id);
  return names;
}

std::string harmless(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
    if (c == 0x7f) c = '?';
  }
  return text;
}

void print(Client& client, Output& output, const Message& message,
           const std::vector<std::filesystem::path>& saved) {
  std::string text;
  if (output.format() == Format::text) {
    const std::string who = message.sender ? name_of_person(client, message.sender->user_id) : "Wardline";
    const std::string mark =
        message.priority == Priority::routine ? "" : " [" + std::string(name_of(message.priority)) + "]";
    text = harmless(time_text(message.stored_at) + "  #" + std::to_string(message.sequence) + "  " + who +
                    mark + ": " + body_text(client, message) + files_text(message, saved));
  }
  output.line(to_json(message, client.me().user_id, saved), text);
}

}  // namespace wardline::cli
