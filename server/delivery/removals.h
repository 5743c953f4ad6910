// Takes a device out of every conversation at once: delivery to it stops now, and the server, as external
// sender, proposes the Remove that the next commit makes final (IAM-9, LESSONS 7).
#pragma once

#include "lib/crypto/signature.h"
#include "server/delivery/groups.h"
#include "server/delivery/parts.h"

namespace wardline::delivery {

class Removals {
 public:
  /// `signer` holds the key of `groups.external_sender()`.
  Removals(const DeliveryParts& parts, Groups& groups, const crypto::Signer& signer)
      : parts_(parts), groups_(groups), signer_(signer) {}

  /// In the transaction that revokes the device, so that there is no moment in between. Doing it again
  /// changes nothing.
  core::Result<void> remove_device(storage::Transaction& tx, core::DeviceId device);

  /// In the transaction of a commit: what it left undone is proposed anew in the epoch that it begins, for
  /// proposals end with their epoch. An external commit cannot cover them (RFC 9420 §12.4.3.2), and a hostile
  /// member may leave them out.
  core::Result<void> propose_again(storage::Transaction& tx, core::ConversationId conversation);

 private:
  core::Result<void> remove_from(storage::Transaction& tx, core::ConversationId conversation,
                                 core::DeviceId device);

  DeliveryParts parts_;
  Groups& groups_;
  const crypto::Signer& signer_;
};

}  // namespace wardline::delivery
