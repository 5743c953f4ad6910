// Turns the session cookie into a policy subject, for server/http.
#pragma once

#include "server/directory/directory.h"
#include "server/http/authenticator.h"
#include "server/identity/identity.h"

namespace wardline::app {

class SessionAuthenticator final : public http::Authenticator {
 public:
  SessionAuthenticator(identity::Identity& identity, const directory::Directory& directory)
      : identity_(identity), directory_(directory) {}

  core::Result<policy::Subject> authenticate(std::string_view cookie, const net::Address&) override {
    const auto session = identity_.sessions().authenticate(cookie);
    if (!session) return std::unexpected(session.error());
    return subject_of(*session);
  }
  std::optional<core::Result<policy::Subject>> authenticate_now(std::string_view cookie,
                                                                const net::Address&) override {
    const auto session = identity_.sessions().authenticate_now(cookie);
    if (!session) return std::nullopt;
    return subject_of(*session);
  }
  core::Result<void> may_attempt(const policy::Subject& subject, policy::Action action) override {
    const auto possible = policy::permissions_of(identity_.environment().policy, subject);
    if (std::ranges::find(possible, action) != possible.end()) return {};
    policy::Decision decision;
    if (policy::info_of(action).stage > subject.stage) decision.code = "stage-too-low";
    return std::unexpected(policy::denial(decision, action));
  }

 private:
  policy::Subject subject_of(const identity::Session& session) const {
    policy::Subject subject = session.subject();
    subject.service_lines = directory_.service_lines_of(session.user);
    return subject;
  }

  identity::Identity& identity_;
  const directory::Directory& directory_;
};

}  // namespace wardline::app
