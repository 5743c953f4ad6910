#include "server/delivery/append_batch.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "server/delivery/conversations.h"
#include "server/delivery/retry.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

constexpr int kRounds =
    5;  // How often other nodes may change a conversation under one batch before it gives up.

// For each key the place of the first one that equals it.
std::vector<std::size_t> first_with_same(std::span<const RetryKey> keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](std::size_t i) { return std::tie(keys[i].idempotency, keys[i].device); };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const auto sides = value(a) <=> value(b);
    return sides != 0 ? sides < 0 : a < b;
  });
  std::vector<std::size_t> first(keys.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    const bool repeats = at > 0 && value(order[at]) == value(order[at - 1]);
    first[order[at]] = repeats ? first[order[at - 1]] : order[at];
  }
  return first;
}

}  // namespace

std::unexpected<core::Error> moved_on(std::string_view code, std::uint64_t current_epoch) {
  return fail(ErrorKind::conflict, code,
              "The conversation has moved on. Fetch its log, apply it, and try again.",
              {{"current_epoch", static_cast<std::int64_t>(current_epoch)}});
}

AppendBatch::AppendBatch(const DeliveryParts& parts, storage::Transaction& tx,
                         std::span<const AppendItem> items)
    : parts_(parts), tx_(tx), items_(items), outcomes_(items.size()) {
  numbered_.reserve(items.size());
  sent_.reserve(items.size());
  published_.reserve(items.size());
}

std::vector<core::Result<Sent>> AppendBatch::run() {
  answer_retries();
  for (auto& [conversation, group] : groups_) {
    group.membership = parts_.memberships.find(conversation);
    if (!group.membership) group.membership = load_membership(tx_, conversation);
    check(group);
  }
  for (int round = 0; !reserve(); ++round) {
    if (round == kRounds) break;
    for (auto& [conversation, group] : groups_) {
      if (group.settled) continue;
      group.membership = load_membership(tx_, conversation);
      check(group);
    }
  }
  number();
  write();
  return std::move(outcomes_);
}

void AppendBatch::answer_retries() {
  std::vector<RetryKey> keys;
  keys.reserve(items_.size());
  for (const AppendItem& item : items_) keys.push_back({item.entry->sender->device, item.entry->idempotency});
  const auto stored = find_stored(tx_, keys);
  const auto first_of = first_with_same(keys);
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const core::ConversationId conversation = items_[i].entry->conversation;
    if (stored[i]) {
      const auto same = check_retry(tx_, *stored[i], conversation, items_[i].entry->body, parts_.sealer);
      outcomes_[i] = same ? core::Result<Sent>(Sent{stored[i]->sequence, stored[i]->stored_at})
                          : std::unexpected(same.error());
    } else if (first_of[i] == i) {
      groups_[conversation].items.push_back(i);
    } else {
      twins_.emplace_back(i, first_of[i]);
    }
  }
}

void AppendBatch::check(Group& group) {
  group.accepted.clear();
  for (const std::size_t i : group.items) {
    if (auto checked = check(group.membership.get(), items_[i]); !checked) {
      outcomes_[i] = std::unexpected(std::move(checked.error()));
    } else {
      group.accepted.push_back(i);
    }
  }
  group.settled = group.accepted.empty();
}

core::Result<void> AppendBatch::check(const Membership* membership, const AppendItem& item) const {
  const MemberDevice* device = membership ? membership->find(item.entry->sender->device) : nullptr;
  if (!device || device->removal_pending || device->user != item.subject.user) {
    return conversation_not_found();
  }
  const auto decision =
      policy::decide(parts_.policy, item.subject, policy::Action::message_send, {.member = true});
  if (!decision.permitted()) return std::unexpected(policy::denial(decision, policy::Action::message_send));
  if (membership->state != ConversationState::active) {
    return fail(ErrorKind::conflict, "conversation-closed", "This conversation is closed. Start a new one.");
  }
  if (item.entry->epoch != membership->epoch) return moved_on("stale-epoch", membership->epoch);
  if (membership->closing()) return moved_on("epoch-closing", membership->epoch);
  return {};
}

bool AppendBatch::reserve() {
  std::vector<storage::ParameterRow> rows;
  std::unordered_map<std::int64_t, Group*> by_number;
  for (auto& [conversation, group] : groups_) {
    if (group.settled) continue;
    rows.push_back({group.membership->conversation_no, group.accepted.size(), group.membership->version});
    by_number.emplace(group.membership->conversation_no, &group);
  }
  if (rows.empty()) return true;
  // A snapshot that is not current any more matches no row. `version` moves with epoch, membership and state.
  for (const auto row :
       tx_.query_many("UPDATE conversations SET last_sequence = last_sequence + $2 "
                      "WHERE conversation_no = $1 AND version = $3 RETURNING conversation_no, last_sequence",
                      rows)) {
    Group& group = *by_number.at(row.get<std::int64_t>(0));
    group.last_sequence = row.get<std::int64_t>(1);
    group.settled = true;
  }
  return std::ranges::all_of(groups_, [](const auto& item) { return item.second.settled; });
}

void AppendBatch::number() {
  const core::Time now = parts_.clock.now();
  for (const auto& [conversation, group] : groups_) {
    std::int64_t sequence = group.last_sequence - std::ssize(group.accepted);
    for (const std::size_t i : group.accepted) {
      if (!group.settled) {
        outcomes_[i] =
            fail(ErrorKind::unavailable, "conversation-busy", "The conversation is changing. Send again.");
        continue;
      }
      LogEntry& entry = *items_[i].entry;
      entry.sequence = ++sequence;
      entry.stored_at = now;
      outcomes_[i] = Sent{entry.sequence, now};
      numbered_.push_back({group.membership->conversation_no, &entry});
      sent_.push_back({&items_[i].subject, &entry, group.membership.get()});
      published_.push_back(items_[i].entry);
    }
  }
  for (const auto& [twin, first] : twins_) {
    const LogEntry& one = *items_[first].entry;
    const LogEntry& other = *items_[twin].entry;
    const bool same = one.conversation == other.conversation && one.body == other.body;
    outcomes_[twin] = same ? outcomes_[first] : std::unexpected(idempotency_reused());
  }
}

void AppendBatch::write() {
  // Who tries to write into a conversation of others is on record (AUD-1), in the batch that refused it.
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (outcomes_[i] || outcomes_[i].error().kind != ErrorKind::not_found) continue;
    parts_.journal.refused(tx_, items_[i].subject, policy::Action::message_send,
                           items_[i].entry->conversation, outcomes_[i].error());
  }
  if (numbered_.empty()) return;
  insert_entries(tx_, numbered_, parts_.sealer);
  parts_.journal.messages_sent(tx_, sent_);
  // The snapshots were current in a transaction that is now durable: the next batch starts from them.
  std::vector<MembershipPtr> current;
  for (const auto& [conversation, group] : groups_) {
    if (group.settled && group.membership) current.push_back(group.membership);
  }
  tx_.after_commit([&memberships = parts_.memberships, &hub = parts_.hub, current = std::move(current),
                    published = std::move(published_)] {
    for (const MembershipPtr& membership : current) memberships.put(membership);
    for (const LogEntryPtr& entry : published) hub.publish(entry);
  });
}

}  // namespace wardline::delivery
