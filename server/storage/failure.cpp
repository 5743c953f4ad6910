#include "server/storage/failure.h"

namespace wardline::storage {

core::Error StorageFailure::to_error() const {
  using core::ErrorKind;
  switch (cause_) {
    case Cause::contended:
      return {ErrorKind::unavailable,
              "storage-contended",
              "Others are changing the same records. Try again.",
              {}};
    case Cause::unavailable:
      return {ErrorKind::unavailable,
              "storage-unavailable",
              "The database does not answer. Try again later.",
              {}};
    case Cause::full:
      return {ErrorKind::storage_full,
              "storage-full",
              "The disk is full. Nothing was stored; free space on the server and try again.",
              {}};
    case Cause::already_exists:
      return {ErrorKind::conflict, "already-exists", "There is one like it already.", {}};
    case Cause::constraint:
      return {ErrorKind::internal, "constraint-violated", "The change breaks a rule of the database.", {}};
    case Cause::corrupt:
      return {ErrorKind::internal,
              "storage-corrupt",
              "The database is damaged. Stop the server and restore the last backup.",
              {}};
    case Cause::invalid_text:
      return {
          ErrorKind::invalid, "invalid-text", "A text is not valid UTF-8 or contains a NUL character.", {}};
    case Cause::keys:
      return {ErrorKind::unavailable,
              "keys-unavailable",
              "The key management service does not open the data keys. Check its configuration.",
              {}};
    case Cause::misuse:
      break;
  }
  return {ErrorKind::internal, "storage-internal", "The database refused a statement.", {}};
}

}  // namespace wardline::storage
