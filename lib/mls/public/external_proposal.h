// Proposals from outside of the group (RFC 9420 §12.1.8): by an external sender, such as a server that
// removes a lost device, and by a client that asks to be added.
#pragma once

#include "lib/crypto/signature.h"
#include "lib/mls/public/error.h"
#include "lib/mls/public/framing.h"

namespace wardline::mls {

/// §12.1.8.1: proposes as the external sender at `sender_index` of the group's external_senders extension.
/// `signer` holds the key that stands there. `Rule::signer_available` if it does not sign.
Result<PublicMessage> propose_externally(const GroupId& group_id, Epoch epoch, std::uint32_t sender_index,
                                         Proposal proposal, const crypto::Signer& signer);

/// §12.1.8: asks to be added, with a key package of the signer's own.
Result<PublicMessage> propose_joining(const GroupId& group_id, Epoch epoch, KeyPackage key_package,
                                      const crypto::Signer& signer);

}  // namespace wardline::mls
