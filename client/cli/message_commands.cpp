#include "client/cli/message_commands.h"

#include "client/cli/arguments.h"
#include "client/cli/message_text.h"
#include "lib/bytes/text.h"

namespace wardline::cli {

using namespace client;

namespace {

/// Uploads what is to go with the message, unless a command before this one has sent it.
Outcome<void> attach(Client& client, const SendCommand& command, Outgoing& message, Output& output) {
  if (command.attach.empty()) return {};
  if (!message.id.empty()) {
    const auto before = client.sent_before(message.conversation_id, message.id);
    if (!before) return std::unexpected(before.error());
    if (*before) return {};
  }
  for (const auto& file : command.attach) {
    output.note("Sending " + file.filename().string());
    auto attachment = client.attach(message.conversation_id, file);
    if (!attachment) return std::unexpected(attachment.error());
    message.content.attachments.push_back(std::move(*attachment));
  }
  return {};
}

/// Where each of the message's files was saved; nothing without a folder to save them in.
Outcome<std::vector<std::filesystem::path>> save(Client& client, const ReadCommand& command,
                                                 const Message& message) {
  std::vector<std::filesystem::path> saved;
  if (command.save.empty()) return saved;
  for (const content::Attachment& each : message.content.attachments) {
    auto path = client.save(message.conversation_id, each, command.save);
    if (!path) return std::unexpected(path.error());
    saved.push_back(std::move(*path));
  }
  return saved;
}

}  // namespace

Exit run(const SendCommand& command, Console& console) {
  Output output(console, command.profile.format);
  for (const std::string* id : {&command.id, &command.reply_to}) {
    if (!id->empty() && !is_uuid(*id)) {
      console.err << "wardline: " << *id << " is not a UUID in lower case.\n";
      return Exit::usage;
    }
  }
  auto text = text_from(command.text_from);
  if (!text) return output.fail(text.error());
  if (text->empty() && command.attach.empty())
    return output.fail(Error("bad-content", "There is nothing to send."));
  if (command.attach.size() > content::kMostAttachments)
    return output.fail(Error("bad-content", "One message carries ten files at most."));
  auto open = open_client(command.profile, output);
  if (!open) return output.fail(open.error());
  const auto conversation = find_conversation(*open->client, command.conversation);
  if (!conversation) return output.fail(conversation.error());
  Outgoing message{.conversation_id = *conversation,
                   .content = {.text = std::move(*text)},
                   .priority = priority_of(command.priority),
                   .needs_acknowledgement = command.needs_acknowledgement,
                   .id = command.id};
  if (!command.reply_to.empty()) message.content.reply_to = command.reply_to;
  if (auto attached = attach(*open->client, command, message, output); !attached)
    return output.fail(attached.error());
  const auto sent = open->client->send(std::move(message));
  if (!sent) return output.fail(sent.error());
  output.line({{"conversation_id", *conversation}, {"id", sent->id}, {"sequence", sent->sequence}},
              "Sent as #" + std::to_string(sent->sequence) + ".");
  return output.end();
}

Exit run(const ReadCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile, output);
  if (!open) return output.fail(open.error());
  Client& client = *open->client;
  const auto id = find_conversation(client, command.conversation);
  if (!id) return output.fail(id.error());
  const auto view = client.conversation(*id);
  if (!view) return output.fail(view.error());
  MessageRange range;
  if (command.last > 0) range.last = command.last;
  if (!command.all && command.last == 0) range.after = view->mine.read;
  const auto messages = client.messages(*id, range);
  if (!messages) return output.fail(messages.error());
  for (const Message& message : *messages) {
    const auto saved = save(client, command, message);
    if (!saved) return output.fail(saved.error());
    print(client, output, message, *saved);
  }
  // Read is what has been printed.
  if (!console.out.good()) return Exit::not_checked;
  if (!command.peek && !messages->empty() && view->membership == Membership::joined) {
    if (auto marked = client.mark(*id, {0, messages->back().sequence, 0}); !marked)
      return output.fail(marked.error());
  }
  // What came behind a device that nobody logged is not shown.
  if (view->untrusted)
    return output.fail(Error(conversation::Failure{.code = conversation::Code::unlogged_device}));
  return output.end();
}

Exit run(const TailCommand& command, Console& console) {
  Output output(console, command.profile.format);
  auto open = open_client(command.profile, output);
  if (!open) return output.fail(open.error());
  Client& client = *open->client;
  std::vector<std::string> wanted;
  for (const std::string& given : command.conversations) {
    auto id = find_conversation(client, given);
    if (!id) return output.fail(id.error());
    wanted.push_back(std::move(*id));
  }
  std::size_t shown = 0;
  const auto show = [&](const Message& message) {
    if (!wanted.empty() && std::ranges::find(wanted, message.conversation_id) == wanted.end()) return;
    print(client, output, message);
    ++shown;
    const bool is_over = !console.out.good() || (command.count > 0 && shown >= command.count);
    if (console.out.good() && !command.peek)
      (void)client.mark(message.conversation_id, {0, message.sequence, 0});
    if (is_over) client.stop();
  };
  // What came while nobody looked, first.
  const auto conversations = client.conversations();
  if (!conversations) return output.fail(conversations.error());
  for (const ConversationView& each : *conversations) {
    const auto missed = client.messages(each.conversation_id, {each.mine.read, SIZE_MAX});
    if (!missed) return output.fail(missed.error());
    for (const Message& message : *missed) {
      if (command.count > 0 && shown >= command.count) return output.end();
      show(message);
    }
  }
  if (command.count > 0 && shown >= command.count) return output.end();
  const auto ended = client.listen({.on_message = show,
                                    .on_ready = [&] { output.note("Listening. Ctrl-C ends it."); },
                                    .on_trouble =
                                        [&](const Error& error) {
                                          if (error.code == "device-log-alarm") {
                                            (void)output.fail(error);
                                          } else {
                                            output.note("wardline: " + error.detail);
                                          }
                                        }});
  if (!ended) return output.fail(ended.error());
  return output.end();
}

}  // namespace wardline::cli
