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

// How often other nodes may change a conversation under one batch before it gives up.
constexpr int kRounds = 5;
// After a message that was stored already: others of its device, or of a network that was cut, follow.
constexpr int kBatchesToLookUp = 64;
constexpr std::size_t kMostRemembered = 50'000;  // Conversations.

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

void AppendMemory::remember(std::int64_t conversation_no, std::int64_t last_sequence) {
  if (last_sequences.size() >= kMostRemembered) last_sequences.clear();
  last_sequences[conversation_no] = last_sequence;
}

std::unexpected<core::Error> moved_on(std::string_view code, std::uint64_t current_epoch) {
  return fail(ErrorKind::conflict, code,
              "The conversation has moved on. Fetch its log, apply it, and try again.",
              {{"current_epoch", static_cast<std::int64_t>(current_epoch)}});
}

AppendBatch::AppendBatch(const DeliveryParts& parts, AppendMemory& memory, storage::Transaction& tx,
                         std::span<const AppendItem> items)
    : parts_(parts), memory_(memory), tx_(tx), items_(items), outcomes_(items.size()), stored_(items.size()) {
  numbered_.reserve(items.size());
  sent_.reserve(items.size());
  published_.reserve(items.size());
}

std::vector<core::Result<Sent>> AppendBatch::run() {
  group_items();
  expect_retries();
  for (auto& [conversation, group] : groups_) {
    group.membership = parts_.memberships.find(conversation);
    if (!group.membership) group.membership = load_membership(tx_, conversation);
    check(group);
  }
  for (int round = 0; round < kRounds; ++round) {
    find_numbers();
    if (reserve()) break;
  }
  answer_refused();
  number();
  write();
  return std::move(outcomes_);
}

void AppendBatch::group_items() {
  std::vector<RetryKey> keys;
  keys.reserve(items_.size());
  for (const AppendItem& item : items_) keys.push_back({item.entry->sender->device, item.entry->idempotency});
  const auto first_of = first_with_same(keys);
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (first_of[i] == i) {
      groups_[items_[i].entry->conversation].items.push_back(i);
    } else {
      twins_.emplace_back(i, first_of[i]);
    }
  }
}

// Nearly every message is new. That one is not is told by the index when it is written, and fails the batch:
// it is then tried again with a look first, as are the next ones, for retries seldom come alone.
void AppendBatch::expect_retries() {
  const int left = memory_.batches_to_look_up;
  memory_.batches_to_look_up = kBatchesToLookUp;
  tx_.after_commit([&memory = memory_, left] { memory.batches_to_look_up = std::max(0, left - 1); });
  if (left == 0) return;
  std::vector<std::size_t> all;
  for (auto& [conversation, group] : groups_) all.insert(all.end(), group.items.begin(), group.items.end());
  answer_stored(all);
  for (auto& [conversation, group] : groups_) {
    std::erase_if(group.items, [&](std::size_t i) { return stored_[i]; });
  }
}

// What was stored once has been sent, whatever has become of the conversation or the sender since.
void AppendBatch::answer_refused() {
  std::vector<std::size_t> refused;
  for (const auto& [conversation, group] : groups_) {
    std::ranges::copy_if(group.items, std::back_inserter(refused),
                         [&](std::size_t i) { return !outcomes_[i]; });
  }
  if (!refused.empty()) answer_stored(refused);
}

void AppendBatch::answer_stored(std::span<const std::size_t> items) {
  std::vector<RetryKey> keys;
  keys.reserve(items.size());
  for (const std::size_t i : items) {
    keys.push_back({items_[i].entry->sender->device, items_[i].entry->idempotency});
  }
  const auto stored = find_stored(tx_, keys);
  for (std::size_t at = 0; at < items.size(); ++at) {
    if (!stored[at]) continue;
    const LogEntry& entry = *items_[items[at]].entry;
    const auto same = check_retry(tx_, *stored[at], entry.conversation, entry.body, parts_.sealer);
    stored_[items[at]] = true;
    outcomes_[items[at]] = same ? core::Result<Sent>(Sent{stored[at]->sequence, stored[at]->stored_at})
                                : std::unexpected(same.error());
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

void AppendBatch::find_numbers() {
  std::vector<storage::ParameterRow> unknown;
  std::unordered_map<std::int64_t, Group*> by_number;
  for (auto& [conversation, group] : groups_) {
    if (group.settled) continue;
    const std::int64_t no = group.membership->conversation_no;
    if (const auto known = memory_.last_sequences.find(no); known != memory_.last_sequences.end()) {
      group.last_sequence = known->second;
    } else {
      unknown.push_back({no});
      by_number.emplace(no, &group);
    }
  }
  if (unknown.empty()) return;
  for (const auto row : tx_.query_many(
           "SELECT conversation_no, version, last_sequence FROM conversations WHERE conversation_no = $1",
           unknown)) {
    Group& group = *by_number.at(row.get<std::int64_t>(0));
    group.last_sequence = row.get<std::int64_t>(2);
    if (row.get<std::int64_t>(1) == group.membership->version) continue;
    group.membership = load_membership(tx_, group.membership->conversation);
    check(group);
  }
}

bool AppendBatch::reserve() {
  std::vector<storage::ParameterRow> rows;
  std::vector<Group*> asked;
  for (auto& [conversation, group] : groups_) {
    if (group.settled) continue;
    rows.push_back({group.membership->conversation_no, group.membership->version, group.last_sequence,
                    group.last_sequence + std::ssize(group.accepted)});
    asked.push_back(&group);
  }
  if (rows.empty()) return true;
  // A snapshot that is not current any more matches no row. `version` moves with epoch, membership and state.
  const auto changed = tx_.execute_many(
      "UPDATE conversations SET last_sequence = $4 "
      "WHERE conversation_no = $1 AND version = $2 AND last_sequence = $3",
      rows);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    asked[i]->settled = changed[i] == 1;
    if (!asked[i]->settled) memory_.last_sequences.erase(asked[i]->membership->conversation_no);
  }
  return std::ranges::all_of(asked, &Group::settled);
}

void AppendBatch::number() {
  const core::Time now = parts_.clock.now();
  for (const auto& [conversation, group] : groups_) {
    std::int64_t sequence = group.last_sequence;
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
  std::vector<std::pair<MembershipPtr, std::int64_t>> current;
  for (const auto& [conversation, group] : groups_) {
    if (!group.settled || group.accepted.empty()) continue;
    current.emplace_back(group.membership, group.last_sequence + std::ssize(group.accepted));
  }
  tx_.after_commit([&memory = memory_, &memberships = parts_.memberships, &hub = parts_.hub,
                    current = std::move(current), published = std::move(published_)] {
    for (const auto& [membership, last_sequence] : current) {
      memberships.put(membership);
      memory.remember(membership->conversation_no, last_sequence);
    }
    for (const LogEntryPtr& entry : published) hub.publish(entry);
  });
}

}  // namespace wardline::delivery
