// What the engines throw inside a transaction. It never leaves Database::read() and write(), which make it a
// core::Error.
#pragma once

#include <exception>
#include <string>

#include "server/core/error.h"

namespace wardline::storage {

/// Thrown by queries so that store code reads as if they could not fail (docs/decisions/0003). Only tests and
/// GroupCommit have reason to catch it.
class StorageFailure final : public std::exception {
 public:
  enum class Cause {
    contended,    ///< Another transaction was in the way, tried again often enough: unavailable
                  ///< "storage-contended".
    unavailable,  ///< The database is away or all connections are in use: unavailable "storage-unavailable".
    full,         ///< No space left on the device: storage_full "storage-full".
    already_exists,  ///< A unique key is taken: conflict "already-exists".
    constraint,      ///< Any other constraint says no: internal "constraint-violated".
    corrupt,         ///< The file or a page of it is damaged: internal "storage-corrupt".
    invalid_text,    ///< A text parameter is not UTF-8 or holds NUL: invalid "invalid-text".
    keys,            ///< The KMS does not wrap or unwrap: unavailable "keys-unavailable".
    misuse,          ///< A statement or a type is wrong, a bug: internal "storage-internal".
  };
  enum class Retry { no, yes };

  /// `technical` is for the operator's log: an SQLSTATE, a result code, an SQL literal. Never a parameter,
  /// never a message of the engine that may quote one.
  StorageFailure(Cause cause, std::string technical, Retry retry = Retry::no)
      : cause_(cause), retry_(retry), technical_(std::move(technical)) {}

  Cause cause() const { return cause_; }
  /// Nothing was committed, and running the transaction again may succeed.
  bool may_retry() const { return retry_ == Retry::yes; }
  const std::string& technical() const { return technical_; }
  const char* what() const noexcept override { return technical_.c_str(); }

  core::Error to_error() const;

 private:
  Cause cause_;
  Retry retry_;
  std::string technical_;
};

}  // namespace wardline::storage
