// The keys of the logs: kept in the database, wrapped by the KMS, made when first asked for.
#pragma once

#include "lib/merkle/note_key.h"
#include "server/audit/log.h"
#include "server/audit/object.h"
#include "server/storage/database.h"
#include "server/storage/keys/kms.h"

namespace wardline::audit {

/// The key that signs checkpoints. `origin` names the log, without a scheme: "wardline.example.org/audit"; it
/// must stay the same for the life of the log. Errors: "audit-origin-invalid", and those of the KMS and the
/// database.
core::Result<merkle::NoteSigner> load_log_key(storage::Database& database, storage::Kms& kms, const Log& log,
                                              std::string origin);

core::Result<PatientReferenceKey> load_patient_reference_key(storage::Database& database, storage::Kms& kms);

/// Wraps all of them with the KMS's current key: after a rotation.
core::Result<void> rewrap_keys(storage::Database& database, storage::Kms& kms);

}  // namespace wardline::audit
