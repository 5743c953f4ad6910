#include "server/storage/sqlite/sqlite_error.h"

#include <cerrno>

#include <sqlite3.h>

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;
using Retry = StorageFailure::Retry;

bool out_of_space(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

}  // namespace

StorageFailure sqlite_failure(sqlite3* handle, std::string_view sql) {
  const int extended = sqlite3_extended_errcode(handle);
  const int system = sqlite3_system_errno(handle);
  // The name of the code, never sqlite3_errmsg().
  std::string technical =
      std::string("sqlite ") + std::to_string(extended) + " (" + sqlite3_errstr(extended) + ")";
  if (system != 0) technical += " errno " + std::to_string(system);
  technical.append(": ").append(sql);

  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Cause::contended, technical, Retry::yes};
    case SQLITE_FULL:
      return {Cause::full, technical};
    case SQLITE_IOERR:
      return {out_of_space(system) ? Cause::full : Cause::unavailable, technical};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Cause::corrupt, technical};
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {out_of_space(system) ? Cause::full : Cause::unavailable, technical};
    case SQLITE_CONSTRAINT: {
      const bool unique = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                          extended == SQLITE_CONSTRAINT_ROWID;
      return {unique ? Cause::already_exists : Cause::constraint, technical};
    }
    default:
      return {Cause::misuse, technical};
  }
}

}  // namespace wardline::storage
