// Who is in a conversation right now, as one immutable snapshot: what every send is checked against.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "server/core/id.h"
#include "server/storage/transaction.h"

namespace wardline::delivery {

using WelcomeId = core::Id<struct WelcomeTag>;

enum class ConversationKind : std::uint8_t { direct = 1, group = 2 };
enum class ConversationState : std::uint8_t { active = 1, closed = 2 };

struct MemberDevice {
  core::UserId user;
  std::uint32_t leaf_index = 0;
  std::int64_t joined_sequence = 0;
  bool removal_pending = false;
};

struct Membership {
  std::int64_t conversation_no = 0;
  core::ConversationId conversation;
  ConversationKind kind = ConversationKind::direct;
  ConversationState state = ConversationState::active;
  std::uint64_t epoch = 0;
  std::int64_t version = 0;
  std::optional<core::PatientId> patient;
  std::unordered_set<core::UserId> users;  ///< who belongs to it, with or without a device in the group
  std::unordered_map<core::DeviceId, MemberDevice> devices;

  const MemberDevice* find(core::DeviceId device) const;
  /// A removal that the server proposed waits for a commit: no application message is taken before it
  /// (LESSONS 7).
  bool closing() const;
};

using MembershipPtr =
    std::shared_ptr<const Membership>;  // Shared: snapshots outlive the cache's interest in them.

/// The membership as this transaction sees it; nothing if there is no such conversation.
MembershipPtr load_membership(storage::ReadTransaction& tx, core::ConversationId conversation);

/// The snapshots of the conversations used last. Stale ones do no harm: a write compares `version` in its
/// transaction.
class MembershipCache {
 public:
  explicit MembershipCache(std::size_t capacity = 50'000) : capacity_(capacity) {}

  MembershipPtr find(core::ConversationId conversation);
  /// Keeps the snapshot unless a newer one is there.
  void put(const MembershipPtr& membership);
  void forget(core::ConversationId conversation);

 private:
  struct Slot {
    MembershipPtr membership;
    std::list<core::ConversationId>::iterator use;
  };

  const std::size_t capacity_;
  std::mutex mutex_;
  std::unordered_map<core::ConversationId, Slot> slots_;
  std::list<core::ConversationId> recent_;  // Used last: front.
};

}  // namespace wardline::delivery
