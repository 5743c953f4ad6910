#include "server/delivery/membership.h"

#include <algorithm>

namespace wardline::delivery {

const MemberDevice* Membership::find(core::DeviceId device) const {
  const auto found = devices.find(device);
  return found == devices.end() ? nullptr : &found->second;
}

bool Membership::closing() const {
  return std::ranges::any_of(devices, [](const auto& item) { return item.second.removal_pending; });
}

MembershipPtr load_membership(storage::ReadTransaction& tx, core::ConversationId conversation) {
  const auto rows = tx.query(
      "SELECT conversation_no, kind, state, epoch, version, patient_id FROM conversations WHERE "
      "conversation_id = $1",
      conversation);
  if (rows.empty()) return nullptr;
  const auto row = rows.front();
  auto membership = std::make_shared<Membership>();
  membership->conversation_no = row.get<std::int64_t>(0);
  membership->conversation = conversation;
  membership->kind = static_cast<ConversationKind>(row.get<std::int64_t>(1));
  membership->state = static_cast<ConversationState>(row.get<std::int64_t>(2));
  membership->epoch = row.get<std::uint64_t>(3);
  membership->version = row.get<std::int64_t>(4);
  membership->patient = row.get<std::optional<core::PatientId>>(5);
  for (const auto device :
       tx.query("SELECT device_id, user_id, leaf_index, joined_sequence, removal_pending "
                "FROM conversation_devices WHERE conversation_no = $1 AND removed_sequence IS NULL",
                membership->conversation_no)) {
    membership->devices.emplace(device.get<core::DeviceId>(0),
                                MemberDevice{.user = device.get<core::UserId>(1),
                                             .leaf_index = device.get<std::uint32_t>(2),
                                             .joined_sequence = device.get<std::int64_t>(3),
                                             .removal_pending = device.get<bool>(4)});
  }
  for (const auto member : tx.query(
           "SELECT user_id FROM conversation_members WHERE conversation_no = $1 AND left_sequence IS NULL",
           membership->conversation_no)) {
    membership->users.insert(member.get<core::UserId>(0));
  }
  return membership;
}

MembershipPtr MembershipCache::find(core::ConversationId conversation) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(conversation);
  if (found == slots_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second.use);
  return found->second.membership;
}

void MembershipCache::put(const MembershipPtr& membership) {
  const std::lock_guard lock(mutex_);
  const auto [slot, is_new] = slots_.try_emplace(membership->conversation);
  if (is_new) {
    recent_.push_front(membership->conversation);
    slot->second.use = recent_.begin();
  } else if (slot->second.membership->version > membership->version) {
    return;
  }
  slot->second.membership = membership;
  if (slots_.size() > capacity_) {
    slots_.erase(recent_.back());
    recent_.pop_back();
  }
}

void MembershipCache::forget(core::ConversationId conversation) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(conversation);
  if (found == slots_.end()) return;
  recent_.erase(found->second.use);
  slots_.erase(found);
}

}  // namespace wardline::delivery
