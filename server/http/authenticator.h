// Who a request comes from: the interface that turns what the session cookie stands for into a policy
// subject.
#pragma once

#include <optional>
#include <string_view>

#include "server/core/error.h"
#include "server/identity/session_key.h"
#include "server/net/address.h"
#include "server/policy/subject.h"

namespace wardline::http {

inline constexpr std::string_view kSessionCookie = "__Host-wardline-session";

/// Given by server/identity, wired in server/app.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// The caller whose session that is, as they are now; its idle time starts anew. May block: called on a
  /// worker. Error: `unauthenticated` "session-ended".
  virtual core::Result<policy::Subject> authenticate(const identity::SessionKey& session,
                                                     const net::Address& peer) = 0;
  /// The same from memory only, for the hot path: nothing when it would have to block.
  virtual std::optional<core::Result<policy::Subject>> authenticate_now(const identity::SessionKey& session,
                                                                        const net::Address& peer) = 0;
  /// Whether policy lets that caller attempt the action at all, before it is known on what: sooner and
  /// cheaper than the decision itself, which the domain takes. Does not block. Errors: `denied`, or
  /// `unauthenticated` where the session's stage is too low.
  virtual core::Result<void> may_attempt(const policy::Subject& subject, policy::Action action) = 0;
  /// Writes such a refusal down (AUD-1) and gives the error to answer with. May block.
  virtual core::Error record_denial(const policy::Subject& subject, policy::Action action,
                                    const net::Address& peer, core::Error error) = 0;
};

}  // namespace wardline::http
