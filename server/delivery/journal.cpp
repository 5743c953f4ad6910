#include "server/delivery/journal.h"

#include <map>

namespace wardline::delivery {

using audit::Entry;
using audit::Fact;
using audit::Outcome;
using policy::Action;

namespace {

// Larger groups are listed once, when they change: the entry then says how many received the message.
constexpr std::size_t kMostRecipientsListed = 32;

}  // namespace

Entry Journal::about(const policy::Subject& subject, Action action, const Membership& membership) const {
  Entry entry = Entry::by(subject, action, Outcome::done, clock_.now());
  entry.objects = {membership.conversation};
  if (membership.patient) entry.patient = patients_.of(*membership.patient);
  return entry;
}

void Journal::messages_sent(storage::Transaction& tx, std::span<const SentMessage> messages) const {
  std::vector<Entry> entries;
  entries.reserve(messages.size());
  for (const SentMessage& sent : messages) {
    Entry& entry = entries.emplace_back(
        Entry::by(*sent.subject, Action::message_send, Outcome::done, sent.entry->stored_at));
    entry.objects = {
        audit::Object::message(sent.entry->conversation, static_cast<std::uint64_t>(sent.entry->sequence))};
    if (sent.membership->patient) entry.patient = patients_.of(*sent.membership->patient);
    entry.recipients.assign(sent.membership->users.begin(), sent.membership->users.end());
    std::erase(entry.recipients, sent.subject->user);
    entry.facts = {{Fact::Name::epoch, static_cast<std::int64_t>(sent.entry->epoch)}};
    if (entry.recipients.size() > kMostRecipientsListed) {
      entry.facts.push_back({Fact::Name::count, std::ssize(entry.recipients)});
      entry.recipients.clear();
    }
  }
  audit::append(tx, entries);
}

void Journal::receipt(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
                      ReceiptMarks marks) const {
  Entry entry = about(subject, Action::receipt_send, membership);
  entry.facts = {{Fact::Name::sequence, marks.delivered}};
  if (marks.acknowledged > 0) {
    entry.reason = audit::Code("acknowledged");
    entry.facts = {{Fact::Name::sequence, marks.acknowledged}};
  } else if (marks.read > 0) {
    entry.reason = audit::Code("read");
    entry.facts = {{Fact::Name::sequence, marks.read}};
  } else {
    entry.reason = audit::Code("delivered");
  }
  audit::append(tx, entry);
}

void Journal::key_packages_published(storage::Transaction& tx, const policy::Subject& subject,
                                     std::int64_t count) const {
  Entry entry = Entry::by(subject, Action::key_package_publish, Outcome::done, clock_.now());
  entry.facts = {{Fact::Name::count, count}};
  audit::append(tx, entry);
}

void Journal::key_packages_claimed(storage::Transaction& tx, const policy::Subject& subject,
                                   const std::vector<core::UserId>& users) const {
  Entry entry = Entry::by(subject, Action::key_package_claim, Outcome::done, clock_.now());
  entry.recipients = users;
  audit::append(tx, entry);
}

void Journal::answered(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
                       std::span<const policy::Obligation> duties, const Answers& answers) const {
  struct Asked {
    audit::Code why = "confirmed";
    std::vector<core::UserId> users;
  };
  std::map<std::string_view, Asked> by_rule;
  for (const policy::Obligation& duty : duties) {
    Asked& asked = by_rule[duty.rule];
    if (duty.kind == policy::ObligationKind::reason)
      asked.why = *audit::Code::parse(word_of(answers.reason.value().why));
    asked.users.push_back(duty.user.value());
  }
  std::vector<Entry> entries;
  for (const auto& [rule, asked] : by_rule) {
    for (std::span<const core::UserId> rest(asked.users); !rest.empty();) {
      const auto some = rest.first(std::min(rest.size(), audit::kMostListed));
      rest = rest.subspan(some.size());
      Entry& entry = entries.emplace_back(about(subject, Action::send_decide, membership));
      entry.reason = asked.why;
      entry.rule = audit::Code::parse(rule);
      entry.recipients.assign(some.begin(), some.end());
    }
  }
  audit::append(tx, entries);
}

void Journal::conversation_created(storage::Transaction& tx, const policy::Subject& subject,
                                   const Membership& membership) const {
  Entry entry = about(subject, Action::conversation_create, membership);
  entry.recipients.assign(membership.users.begin(), membership.users.end());
  std::erase(entry.recipients, subject.user);
  audit::append(tx, entry);
}

void Journal::handshake(storage::Transaction& tx, const policy::Subject& subject, Action action,
                        const Membership& membership, std::int64_t sequence,
                        const std::vector<core::UserId>& touched) const {
  Entry entry = about(subject, action, membership);
  entry.objects = {audit::Object::message(membership.conversation, static_cast<std::uint64_t>(sequence))};
  entry.recipients = touched;
  entry.facts = {{Fact::Name::epoch, static_cast<std::int64_t>(membership.epoch)}};
  audit::append(tx, entry);
}

void Journal::refused(storage::Transaction& tx, const policy::Subject& subject, Action action,
                      core::ConversationId conversation, const core::Error& why) const {
  // Somebody else's conversation is as good as none to the caller, and a refusal on record.
  const bool denied = why.kind == core::ErrorKind::denied || why.kind == core::ErrorKind::not_found;
  Entry entry = Entry::by(subject, action, denied ? Outcome::denied : Outcome::failed, clock_.now());
  entry.objects = {conversation};
  entry.reason = audit::Code::of(why);
  audit::append(tx, entry);
}

void Journal::device_removal_proposed(storage::Transaction& tx, const Membership& membership,
                                      core::DeviceId device, std::int64_t sequence) const {
  Entry entry = Entry::by_system(audit::SystemAct::device_remove, Outcome::done, clock_.now());
  entry.objects = {audit::Object::message(membership.conversation, static_cast<std::uint64_t>(sequence)),
                   device};
  audit::append(tx, entry);
}

void Journal::reported(storage::Transaction& tx, const policy::Subject& subject, const Membership& membership,
                       std::int64_t sequence, const std::optional<EntrySender>& sender) const {
  Entry entry = about(subject, Action::delivery_report, membership);
  entry.objects = {audit::Object::message(membership.conversation, static_cast<std::uint64_t>(sequence))};
  if (sender) entry.objects.emplace_back(sender->device);
  audit::append(tx, entry);
}

}  // namespace wardline::delivery
