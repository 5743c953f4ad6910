// Whether what comes under an idempotency id for the second time is what was stored under it.
#pragma once

#include "server/delivery/log_store.h"

namespace wardline::delivery {

/// `conflict` "idempotency-reused".
core::Error idempotency_reused();

/// That `stored` is what is being sent again, to the byte: what came under an id that was used for something
/// else must not be answered as if it had been stored. Error: `idempotency_reused`.
core::Result<void> check_retry(storage::ReadTransaction& tx, const StoredAs& stored,
                               core::ConversationId conversation, ByteView body, const BodySealer& sealer);

}  // namespace wardline::delivery
