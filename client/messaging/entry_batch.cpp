#include "client/messaging/entry_batch.h"

#include <algorithm>
#include <set>

namespace wardline::client {
namespace {

std::vector<std::string> people_in(const std::vector<conversation::Device>& devices) {
  std::set<std::string> people;
  for (const auto& device : devices) people.insert(device.user_id);
  return {people.begin(), people.end()};
}

bool is_known(const ConversationRecord& record, const std::string& user_id) {
  return std::ranges::any_of(record.members, [&](const Member& each) { return each.user_id == user_id; });
}

}  // namespace

MessageRecord& EntryBatch::add(const Entry& entry, BodyKind body) {
  advance(entry);
  return messages.emplace_back(MessageRecord{.sequence = entry.sequence,
                                             .id = entry.idempotency_id,
                                             .sender = entry.sender,
                                             .body = body,
                                             .content = {},
                                             .unreadable = {},
                                             .added = {},
                                             .removed = {},
                                             .stored_at = entry.stored_at,
                                             .priority = entry.priority,
                                             .needs_acknowledgement = yes(entry.needs_acknowledgement)});
}

void EntryBatch::add_unreadable(const Entry& entry, Unreadable reason) {
  add(entry, BodyKind::unreadable).unreadable = reason;
}

void EntryBatch::add_content(const Entry& entry, SecretBytes bytes) {
  auto content = content::decode(bytes.view());
  if (!content && content.error() == content::Error::malformed)
    return add_unreadable(entry, Unreadable::malformed);
  if (content && content->device_log) {
    // To be compared, and not kept.
    heard.push_back(std::move(*content->device_log));
    content->device_log.reset();
    if (auto rest = content::encode(*content)) bytes = SecretBytes(std::move(*rest));
  }
  if (content && content->kind == content::Kind::title) record.title = content->title.value_or(content->text);
  // What needs a newer version is kept: that version can read it.
  auto& message = add(entry, content ? BodyKind::content : BodyKind::unreadable);
  message.content = std::move(bytes);
  message.unreadable = Unreadable::newer_version;
}

void EntryBatch::absorb(const Entry& entry, conversation::ProcessedEntry processed) {
  switch (processed.kind) {
    case conversation::EntryKind::own_message:
    case conversation::EntryKind::past_epoch:
      if (entry.kind == EntryKind::message) return add_unreadable(entry, Unreadable::keys_gone);
      return advance(entry);
    case conversation::EntryKind::application:
      state = std::move(processed.state);
      return absorb_message(entry, processed);
    case conversation::EntryKind::proposal:
      state = std::move(processed.state);
      if (processed.needs_commit == conversation::Flag::yes) record.needs_commit = Yes::yes;
      return advance(entry);
    case conversation::EntryKind::commit:
      state = std::move(processed.state);
      return absorb_commit(entry, processed);
  }
}

/// The envelope is the server's word, the leaf is the sender's signature: they must say the same.
void EntryBatch::absorb_message(const Entry& entry, conversation::ProcessedEntry& processed) {
  const bool agrees = processed.sender && entry.sender &&
                      processed.sender->user_id == entry.sender->user_id &&
                      processed.sender->device_id == entry.sender->device_id;
  if (!agrees) return add_unreadable(entry, Unreadable::invalid);
  add_content(entry, std::move(processed.content));
}

void EntryBatch::absorb_commit(const Entry& entry, conversation::ProcessedEntry& processed) {
  auto added = people_in(processed.added);
  std::erase_if(added, [&](const std::string& user) { return is_known(record, user); });
  auto removed = people_in(processed.removed);
  if (added.empty() && removed.empty()) {
    advance(entry);
  } else {
    auto& message = add(entry, BodyKind::membership);
    message.added = std::move(added);
    message.removed = std::move(removed);
  }
  members_changed = true;
  record.needs_commit = Yes::no;
  if (processed.lost)
    lost = LostCommit{std::move(*processed.lost), record.pending_commit.value_or(PendingCommitRecord())};
  if (processed.own == conversation::Flag::yes || processed.lost) record.pending_commit.reset();
  if (processed.removed_self == conversation::Flag::yes) record.membership = Membership::removed;
}

Message message_of(const std::string& conversation_id, const MessageRecord& record) {
  Message message{.conversation_id = conversation_id,
                  .sequence = record.sequence,
                  .id = record.id,
                  .sender = record.sender,
                  .body = record.body,
                  .unreadable = record.unreadable,
                  .added = record.added,
                  .removed = record.removed,
                  .stored_at = record.stored_at,
                  .priority = record.priority,
                  .needs_acknowledgement = record.needs_acknowledgement == Yes::yes};
  if (record.content.empty()) return message;
  // Read again each time: an entry that needed a newer version shows once that version is here.
  if (auto content = content::decode(record.content.view())) {
    message.body = BodyKind::content;
    message.content = std::move(*content);
  }
  return message;
}

}  // namespace wardline::client
