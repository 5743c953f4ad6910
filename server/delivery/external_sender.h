// The key with which the server proposes removals: made once per database, kept sealed.
#pragma once

#include "lib/crypto/signature.h"
#include "lib/mls/public/credential.h"
#include "server/storage/keys/sealed_column.h"

namespace wardline::delivery {

/// Errors: those of the database and of sealed columns.
core::Result<crypto::SigningKey> load_external_sender_key(storage::Database& database,
                                                          storage::KeyRing& keys);

/// How the server names itself in the groups: not a person, not a device.
inline mls::Credential external_sender_credential() {
  return mls::Credential::basic(to_bytes(as_bytes("wardline delivery service")));
}

}  // namespace wardline::delivery
