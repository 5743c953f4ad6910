// What every service of the domain works with, wired once in app/.
#pragma once

#include "server/core/clock.h"
#include "server/policy/rule.h"
#include "server/storage/database.h"
#include "server/storage/keys/sealed_column.h"

namespace wardline::identity {

struct Environment {
  storage::Database& database;
  storage::KeyRing& keys;
  const core::Clock& clock;
  const policy::Policy& policy;
};

/// There is one organisation per server: the scope of all its data keys.
inline ByteView organisation_scope() { return as_bytes("organisation"); }

/// What a write transaction gives that must commit although the caller is refused: a failed attempt is
/// counted and audited in the same transaction that found it to be one.
template <class T>
struct Attempt {
  core::Result<T> outcome;
};

/// Runs `work(Transaction&) -> core::Result<Attempt<T>>` and gives the attempt's outcome. An error outside of
/// the attempt rolls back.
template <class T, class Work>
core::Result<T> write_attempt(storage::Database& database, Work&& work) {
  core::Result<Attempt<T>> attempt = database.write(std::forward<Work>(work));
  if (!attempt) return std::unexpected(attempt.error());
  return std::move(attempt->outcome);
}

}  // namespace wardline::identity
