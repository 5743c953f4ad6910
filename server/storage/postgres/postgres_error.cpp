#include "server/storage/postgres/postgres_error.h"

namespace wardline::storage {

StorageFailure postgres_failure(std::string_view sqlstate, std::string_view sql) {
  using Cause = StorageFailure::Cause;
  using Retry = StorageFailure::Retry;
  std::string technical = "postgres ";
  technical.append(sqlstate).append(": ").append(sql);

  // 40001 serialization_failure, 40P01 deadlock_detected, 55P03 lock_not_available.
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03")
    return {Cause::contended, technical, Retry::yes};
  // Two serialisable transactions that chose the same key after reading the same state: the loser may be told
  // of the key rather than of the conflict (PostgreSQL manual, §13.2.3). Run again, it chooses another, or is
  // told the same.
  if (sqlstate == "23505") return {Cause::already_exists, technical, Retry::yes};
  if (sqlstate.starts_with("23")) return {Cause::constraint, technical};
  if (sqlstate == "53100") return {Cause::full, technical};
  if (sqlstate == "XX001" || sqlstate == "XX002") return {Cause::corrupt, technical};
  if (sqlstate == "08P01") return {Cause::misuse, technical};  // A wrong number of parameters.
  // 57P0x shutting down or starting, 08 connection, 53 resources.
  if (sqlstate.starts_with("57P") || sqlstate.starts_with("08") || sqlstate.starts_with("53")) {
    return {Cause::unavailable, technical, Retry::yes};
  }
  if (sqlstate == "22021") return {Cause::invalid_text, technical};
  return {Cause::misuse, technical};
}

}  // namespace wardline::storage
