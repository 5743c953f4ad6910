// What other parts of the server must hear about accounts, devices and sessions: delivery stops sending,
// sockets close, the directory refreshes.
#pragma once

#include <span>
#include <vector>

#include "server/storage/transaction.h"

namespace wardline::identity {

enum class SessionEnd : std::uint8_t { signed_out, expired, device_revoked, account_ended };

/// Implemented by whoever needs to know. Outlives the services.
class LifecycleObserver {
 public:
  virtual ~LifecycleObserver() = default;

  /// In the transaction that revokes it: stop delivery, propose Remove (DESIGN.md §3). May throw
  /// StorageFailure.
  virtual void on_device_revoked(storage::Transaction&, core::UserId, core::DeviceId) {}
  /// After the commit, on the same thread.
  virtual void on_sessions_ended(std::span<const core::SessionId>, SessionEnd) {}
  /// After the commit: name, role, status or devices of that person are others now.
  virtual void on_account_changed(core::UserId) {}
};

/// Tells all observers. Filled at start, before there is any traffic.
class Lifecycle {
 public:
  void add(LifecycleObserver& observer) { observers_.push_back(&observer); }

  void device_revoked(storage::Transaction& tx, core::UserId user, core::DeviceId device) const {
    for (auto* observer : observers_) observer->on_device_revoked(tx, user, device);
  }
  void sessions_ended(std::span<const core::SessionId> sessions, SessionEnd why) const {
    if (sessions.empty()) return;
    for (auto* observer : observers_) observer->on_sessions_ended(sessions, why);
  }
  void account_changed(core::UserId user) const {
    for (auto* observer : observers_) observer->on_account_changed(user);
  }

 private:
  std::vector<LifecycleObserver*> observers_;
};

}  // namespace wardline::identity
