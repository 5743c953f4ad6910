// The Welcomes that wait for a device, until it has joined.
#pragma once

#include "server/delivery/parts.h"

namespace wardline::delivery {

struct WaitingWelcome {
  WelcomeId id;
  core::ConversationId conversation;
  std::int64_t sequence = 0;  ///< of the commit that added the device
  Bytes welcome;
  Bytes ratchet_tree;
};

class Inbox {
 public:
  explicit Inbox(const DeliveryParts& parts) : parts_(parts) {}

  core::Result<std::vector<WaitingWelcome>> list(const policy::Subject& subject);
  /// The device has joined: its Welcome goes, and the bundle with the last one. One that is gone already is
  /// no error.
  core::Result<void> remove(const policy::Subject& subject, WelcomeId welcome);

 private:
  DeliveryParts parts_;
};

}  // namespace wardline::delivery
