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

 private:
  core::Result<void> remove_from(storage::Transaction& tx, core::ConversationId conversation,
                                 core::DeviceId device);
  core::Result<mls::PublicMessage> propose(const mls::PublicGroup& group, mls::LeafIndex leaf) const;

  DeliveryParts parts_;
  Groups& groups_;
  const crypto::Signer& signer_;
};

}  // namespace wardline::delivery
