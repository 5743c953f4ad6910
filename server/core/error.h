// The one error type of the server: a kind that decides the HTTP status, and a stable code that clients act
// on.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wardline::core {

/// What sort of failure it is. server/http maps each to one HTTP status, in one place.
enum class ErrorKind : std::uint8_t {
  invalid,          ///< The request is malformed or breaks a rule of its own: 400
  unauthenticated,  ///< No session, or one that has ended: 401
  denied,           ///< Policy says no: 403
  not_found,        ///< No such thing, or none that the caller may know of: 404
  conflict,         ///< The state moved on; `facts` say what is needed to try again: 409
  too_large,        ///< Over a limit: 413
  rejected,         ///< Well-formed, but breaks a rule of the protocol (an MLS check, a channel rule): 422
  rate_limited,     ///< Too often; `facts` carry retry_after_seconds: 429
  internal,         ///< A bug or a broken invariant: 500
  unavailable,      ///< The database or a worker is away or overloaded, try again: 503
  storage_full,     ///< No space left: 507
};

/// Why something did not work. Never holds PHI, message content or secrets: `detail` is written by us, not by
/// users.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  /// Stable, kebab-case, e.g. "stale-epoch": the last part of the RFC 9457 problem type.
  std::string_view code;
  /// One plain sentence: what happened and what to do next.
  std::string detail;
  /// Numbers that a client needs to go on, e.g. {"current_epoch", 7}. They become members of the problem
  /// document.
  std::vector<std::pair<std::string_view, std::int64_t>> facts;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string_view code, std::string detail,
                                   std::vector<std::pair<std::string_view, std::int64_t>> facts = {}) {
  return std::unexpected(Error{kind, code, std::move(detail), std::move(facts)});
}

}  // namespace wardline::core
