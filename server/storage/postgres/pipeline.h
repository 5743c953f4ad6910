// Statements on their way to PostgreSQL, many in one trip, and their answers: a connection in libpq's
// pipeline mode, with its prepared statements.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <libpq-fe.h>

#include "server/storage/failure.h"
#include "server/storage/parameter.h"
#include "server/storage/sql.h"

namespace wardline::storage {

/// Calls throw the StorageFailure of the statement that failed; the server has then skipped all that was
/// queued behind it.
class Pipeline {
 public:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  enum class Role : std::uint8_t {
    told,     ///< Nobody needs its answer; that it failed comes out at the next collect().
    asked,    ///< collect() gives its answer.
    vital,    ///< Told; a connection on which it failed is of no use: BEGIN, ROLLBACK.
    commits,  ///< Asked: COMMIT of changes. If the connection is lost then, they may have been made.
  };

  /// Connects.
  explicit Pipeline(const std::string& conninfo);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// False once the server has gone away: to be dropped.
  bool is_usable() const { return !broken_; }
  void abandon() noexcept { broken_ = true; }
  /// Throws if the server is known to have gone away, before anything was sent.
  void expect_server();

  /// Copies the parameters. With `rows`, the statement is that of so many rows (insert_rows.h), all with
  /// parameters of the same types.
  void queue(Role role, Sql sql, std::span<const Parameter> parameters, std::size_t rows = 1);
  /// Time to collect(): more would fill memory on both sides.
  bool is_full() const { return queued_ >= kMostQueued || bytes_ >= kMostBytes; }
  /// Sends what is queued, waits for the end of all of it, and gives the answers asked for in their order.
  std::vector<Answer> collect();
  /// Sends what is queued; whether it failed comes out at the next collect().
  void send();
  /// After all that is queued, several statements without parameters.
  void run_script(const char* text);

 private:
  static constexpr std::size_t kMostQueued = 512;
  static constexpr std::size_t kMostBytes = 1U << 20;

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  enum class Kind : std::uint8_t { told, asked, vital, commits, prepares, ends_trip };
  /// What an answer is still to come for.
  struct Owed {
    Kind kind;
    Sql sql;
    const std::string* prepares;  ///< The key of the statement that it prepares.
  };
  struct Collected;

  /// The name of the prepared statement, which may be on its way itself.
  const std::string& prepare(Sql sql, std::span<const Parameter> parameters, std::size_t rows);
  void flush();
  void read(Collected& collected);
  void take(const Owed& owed, Answer answer, Collected& collected);
  StorageFailure failure_of(const PGresult* answer, const Owed& owed);
  /// The connection is of no use any more.
  StorageFailure lost(Sql sql);

  std::unique_ptr<PGconn, Finish> connection_;
  std::unordered_map<std::string, std::string> prepared_;
  std::size_t names_ = 0;
  std::vector<Owed> owed_;
  std::size_t queued_ = 0;
  std::size_t bytes_ = 0;
  bool broken_ = false;
  bool committing_ = false;
};

}  // namespace wardline::storage
