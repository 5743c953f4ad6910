// Turns the session cookie into a policy subject, and says what a caller may attempt at all, for server/http.
#pragma once

#include <array>
#include <bitset>

#include "server/directory/directory.h"
#include "server/http/authenticator.h"
#include "server/identity/identity.h"

namespace wardline::app {

class SessionAuthenticator final : public http::Authenticator {
 public:
  SessionAuthenticator(identity::Identity& identity, const directory::Directory& directory);

  core::Result<policy::Subject> authenticate(const identity::SessionKey& session,
                                             const net::Address& peer) override;
  std::optional<core::Result<policy::Subject>> authenticate_now(const identity::SessionKey& session,
                                                                const net::Address& peer) override;
  core::Result<void> may_attempt(const policy::Subject& subject, policy::Action action) override;
  core::Error record_denial(const policy::Subject& subject, policy::Action action, const net::Address& peer,
                            core::Error error) override;

 private:
  using Actions = std::bitset<256>;
  static constexpr std::size_t kEmployments = 2;
  static constexpr std::size_t kStages = 3;

  static std::size_t kind_of(const policy::Subject& subject);
  policy::Subject subject_of(const identity::Session& session) const;

  identity::Identity& identity_;
  const directory::Directory& directory_;
  /// What each kind of subject may attempt: asked on every request, and the same until the policy changes.
  std::array<Actions, policy::kRoleCount * kEmployments * kStages> permitted_;
};

}  // namespace wardline::app
