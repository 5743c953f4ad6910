#include "server/storage/transaction.h"

#include "server/storage/failure.h"

namespace wardline::storage {

void check_parameter_count(Sql sql, std::span<const Parameter> parameters) {
  if (sql.parameters() == parameters.size()) return;
  throw StorageFailure(StorageFailure::Cause::misuse,
                       "wrong number of parameters: " + std::string(sql.view()));
}

core::Result<void> Transaction::run_attempt(const std::function<bool(Transaction&)>& part) {
  const std::size_t callbacks = after_commit_.size();
  const auto undo = [&] {
    execute("ROLLBACK TO SAVEPOINT attempt");
    execute("RELEASE SAVEPOINT attempt");
    after_commit_.resize(callbacks);
  };
  execute("SAVEPOINT attempt");
  // An insert of the part may say only at its end that it failed, which undoes it.
  try {
    if (part(*this)) {
      execute("RELEASE SAVEPOINT attempt");
    } else {
      undo();
    }
  } catch (const StorageFailure& failure) {
    using Cause = StorageFailure::Cause;
    if (failure.cause() != Cause::already_exists && failure.cause() != Cause::constraint) throw;
    undo();
    return std::unexpected(failure.to_error());
  }
  return {};
}

}  // namespace wardline::storage
