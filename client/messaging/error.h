// Why something could not be done, for programs (a code) and for people (a sentence that says what to do).
#pragma once

#include <expected>
#include <string>

#include "client/net/https_client.h"
#include "client/store/error.h"
#include "lib/bytes/secret_bytes.h"
#include "lib/conversation/failure.h"

namespace wardline::client {

/// `code` is one of docs/api.md's problems, or one of those below that this library adds:
/// not-enrolled, not-signed-in, other-account, other-server, device-revoked, device-unreadable,
/// profile-in-use, profile-too-open, profile-newer, disk, no-such-person, ambiguous-person,
/// no-such-conversation, needs-confirmation, without-device, not-joined, not-a-member, busy, bad-content,
/// id-used, no-connection, unreadable-answer, device-log-alarm, untrusted-device.
struct Error {
  std::string code;
  std::string detail;
  int status = 0;  ///< of the server's answer; 0 if it was not the server that refused

  Error(std::string code_text, std::string detail_text, int http_status = 0)
      : code(std::move(code_text)), detail(std::move(detail_text)), status(http_status) {}
  Error(HttpError error)  // NOLINT(google-explicit-constructor): the same thing, one floor up
      : code(std::move(error.code)), detail(std::move(error.detail)), status(error.status) {}
  Error(StoreError error);                      // NOLINT(google-explicit-constructor)
  Error(const conversation::Failure& failure);  // NOLINT(google-explicit-constructor)

  /// The same request may succeed later without anybody changing it.
  bool is_transient() const { return code == "no-connection" || status == 429 || status >= 500; }
  /// The session is what is missing: it ended, or there was none.
  bool is_session_loss() const;
};

template <class T>
using Outcome = std::expected<T, Error>;

inline std::unexpected<Error> failed(std::string code, std::string detail) {
  return std::unexpected(Error(std::move(code), std::move(detail)));
}
/// Passes a failure on, whatever it was about.
template <class T, class E>
std::unexpected<Error> failed(const std::expected<T, E>& result) {
  return std::unexpected(Error(result.error()));
}

}  // namespace wardline::client
