#include "server/storage/postgres/pipeline.h"

#include <poll.h>

#include <cerrno>
#include <optional>

#include "server/storage/postgres/insert_rows.h"
#include "server/storage/postgres/postgres_error.h"
#include "server/storage/postgres/postgres_values.h"

namespace wardline::storage {
namespace {

using Cause = StorageFailure::Cause;
using Retry = StorageFailure::Retry;

constexpr Sql kEndOfTrip = "the end of a trip";
constexpr Sql kBeforeATrip = "nothing sent yet";
constexpr Sql kScript = "statements without parameters";

bool succeeded(const PGresult* answer) {
  const ExecStatusType status = PQresultStatus(answer);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC;
}

}  // namespace

struct Pipeline::Collected {
  std::vector<Answer> answers{};
  std::optional<StorageFailure> failure{};

  void note(StorageFailure found) {
    if (!failure) failure.emplace(std::move(found));  // The first one is the cause of the others.
  }
};

Pipeline::Pipeline(const std::string& conninfo) {
  // Defaults first; what the caller's string says, as an expanded dbname, comes later and wins.
  const char* const keywords[] = {"connect_timeout", "application_name", "target_session_attrs",
                                  "dbname",          "client_encoding",  nullptr};
  const char* const values[] = {"5", "wardline", "read-write", conninfo.c_str(), "UTF8", nullptr};
  connection_.reset(PQconnectdbParams(keywords, values, 1));
  PGconn* connection = connection_.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    throw StorageFailure(Cause::unavailable, "postgres: no connection", Retry::yes);
  }
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);  // Notices may quote values.
  // A blocking send could wait for a server that waits for us to read.
  if (PQsetnonblocking(connection, 1) != 0 || PQenterPipelineMode(connection) != 1) throw lost(kScript);
}

StorageFailure Pipeline::lost(Sql sql) {
  broken_ = true;
  // Lost before COMMIT was sent, nothing has happened. Lost after, nobody knows: trying again might do it
  // twice.
  return {Cause::unavailable, "postgres: connection lost: " + std::string(sql.view()),
          committing_ ? Retry::no : Retry::yes};
}

StorageFailure Pipeline::failure_of(const PGresult* answer, const Owed& owed) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) broken_ = true;
  // An error without a state is libpq's own: it could not send or receive.
  const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  if (state == nullptr) return lost(owed.sql);
  StorageFailure failure = postgres_failure(state, owed.sql.view());
  // If the server says goodbye instead of answering COMMIT, it may have committed. If it does so before, it
  // never came to COMMIT.
  if (owed.kind == Kind::commits && failure.cause() == Cause::unavailable) {
    return {Cause::unavailable, failure.technical()};
  }
  return failure;
}

void Pipeline::expect_server() {
  PGconn* connection = connection_.get();
  if (broken_) throw lost(kBeforeATrip);
  // Its last words may come before the end of the connection.
  for (pollfd socket{PQsocket(connection), POLLIN, 0}; ::poll(&socket, 1, 0) > 0;) {
    if (PQconsumeInput(connection) != 1) throw lost(kBeforeATrip);
  }
}

const std::string& Pipeline::prepare(Sql sql, std::span<const Parameter> parameters, std::size_t rows) {
  const char* const address = sql.c_str();
  std::string key(reinterpret_cast<const char*>(&address), sizeof(address));
  key += static_cast<char>(rows);
  for (const Parameter& parameter : parameters.first(sql.parameters())) {
    key += static_cast<char>(parameter.type());
  }
  if (const auto found = prepared_.find(key); found != prepared_.end()) return found->second;
  std::vector<Oid> types;
  types.reserve(parameters.size());
  for (const Parameter& parameter : parameters) types.push_back(type_of(parameter));
  const std::string text = rows == 1 ? std::string(sql.view()) : insert_of_rows(sql, rows);
  std::string name = "s" + std::to_string(names_++);
  if (PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), static_cast<int>(types.size()),
                    types.data()) != 1) {
    throw lost(sql);
  }
  const auto& [made, its_name] = *prepared_.emplace(std::move(key), std::move(name)).first;
  owed_.push_back({Kind::prepares, sql, &made});
  return its_name;
}

void Pipeline::queue(Role role, Sql sql, std::span<const Parameter> parameters, std::size_t rows) {
  if (broken_) throw lost(sql);
  const EncodedParameters encoded(parameters);
  const std::string& name = prepare(sql, parameters, rows);
  if (role == Role::commits) committing_ = true;
  if (PQsendQueryPrepared(connection_.get(), name.c_str(), encoded.count(), encoded.values(),
                          encoded.lengths(), encoded.formats(), 1) != 1) {
    throw lost(sql);
  }
  owed_.push_back({static_cast<Kind>(role), sql, nullptr});
  ++queued_;
  bytes_ += encoded.bytes();
}

void Pipeline::send() {
  if (broken_ || PQpipelineSync(connection_.get()) != 1) throw lost(kEndOfTrip);
  owed_.push_back({Kind::ends_trip, kEndOfTrip, nullptr});
  queued_ = 0;
  bytes_ = 0;
  flush();
}

void Pipeline::flush() {
  PGconn* connection = connection_.get();
  for (;;) {
    const int left = PQflush(connection);
    if (left == 0) return;
    if (left < 0) throw lost(kEndOfTrip);
    pollfd socket{PQsocket(connection), POLLIN | POLLOUT, 0};
    if (::poll(&socket, 1, -1) < 0 && errno != EINTR) throw lost(kEndOfTrip);
    if ((socket.revents & POLLIN) != 0 && PQconsumeInput(connection) != 1) throw lost(kEndOfTrip);
  }
}

std::vector<Pipeline::Answer> Pipeline::collect() {
  Collected collected;
  try {
    if (queued_ > 0) send();
    read(collected);
  } catch (const StorageFailure& failure) {
    collected.note(failure);
  }
  owed_.clear();
  committing_ = false;
  if (collected.failure) throw StorageFailure(*collected.failure);
  return std::move(collected.answers);
}

void Pipeline::read(Collected& collected) {
  for (const Owed& owed : owed_) {
    Answer answer(PQgetResult(connection_.get()));
    if (answer == nullptr) throw lost(owed.sql);
    take(owed, std::move(answer), collected);
    if (broken_) return;
    if (owed.kind == Kind::ends_trip) continue;
    // After the answer of a statement comes the end of its answers.
    if (Answer(PQgetResult(connection_.get())) != nullptr) throw lost(owed.sql);
  }
}

void Pipeline::take(const Owed& owed, Answer answer, Collected& collected) {
  if (succeeded(answer.get())) {
    if (owed.kind == Kind::asked || owed.kind == Kind::commits)
      collected.answers.push_back(std::move(answer));
    return;
  }
  if (PQresultStatus(answer.get()) != PGRES_PIPELINE_ABORTED) collected.note(failure_of(answer.get(), owed));
  if (owed.kind == Kind::prepares) prepared_.erase(*owed.prepares);
  if (owed.kind == Kind::vital) broken_ = true;
}

void Pipeline::run_script(const char* text) {
  collect();
  PGconn* connection = connection_.get();
  if (broken_ || PQexitPipelineMode(connection) != 1) throw lost(kScript);
  const Answer answer(PQexec(connection, text));
  if (PQenterPipelineMode(connection) != 1) throw lost(kScript);
  if (answer == nullptr) throw lost(kScript);
  if (!succeeded(answer.get())) throw failure_of(answer.get(), {Kind::told, kScript, nullptr});
}

}  // namespace wardline::storage
