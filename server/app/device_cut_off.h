// Carries the news that a device or session has ended to where it matters: conversations and open sockets.
#pragma once

#include "server/core/log.h"
#include "server/delivery/delivery.h"
#include "server/identity/lifecycle.h"
#include "server/storage/failure.h"

namespace wardline::app {

class DeviceCutOff final : public identity::LifecycleObserver {
 public:
  explicit DeviceCutOff(delivery::Delivery& delivery) : delivery_(delivery) {}

  void on_device_revoked(storage::Transaction& tx, core::UserId, core::DeviceId device) override {
    // IAM-9: no revocation without the removal. If the proposals cannot be written, nothing is.
    if (const auto removed = delivery_.removals.remove_device(tx, device); !removed) {
      core::log::error("device-removal-failed", {{"device", device}});
      throw storage::StorageFailure(storage::StorageFailure::Cause::unavailable, "device removal");
    }
  }
  void on_sessions_ended(std::span<const core::SessionId> sessions, identity::SessionEnd why) override {
    // DEV-2: a page that hears that its device was removed erases what it kept, so that is what the first
    // word has to be. All devices of somebody who left are removed in the same transaction.
    using enum identity::SessionEnd;
    const bool removed = why == device_revoked || why == account_ended;
    delivery_.hub.end_sessions(sessions, removed ? "device-revoked" : "session-ended");
  }

 private:
  delivery::Delivery& delivery_;
};

}  // namespace wardline::app
