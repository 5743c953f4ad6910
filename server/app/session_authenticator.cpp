#include "server/app/session_authenticator.h"

#include "server/policy/decide.h"

namespace wardline::app {

SessionAuthenticator::SessionAuthenticator(identity::Identity& identity,
                                           const directory::Directory& directory)
    : identity_(identity), directory_(directory) {
  policy::Subject subject;
  for (std::size_t kind = 0; kind < permitted_.size(); ++kind) {
    subject.role = static_cast<policy::Role>(kind / (kEmployments * kStages));
    subject.employment = static_cast<policy::Employment>(kind / kStages % kEmployments);
    subject.stage = static_cast<policy::Stage>(kind % kStages);
    for (const policy::Action action : policy::permissions_of(identity.environment().policy, subject))
      permitted_[kind].set(static_cast<std::size_t>(action));
  }
}

std::size_t SessionAuthenticator::kind_of(const policy::Subject& subject) {
  const auto employment = static_cast<std::size_t>(subject.employment);
  const auto stage = static_cast<std::size_t>(subject.stage);
  return (static_cast<std::size_t>(subject.role) * kEmployments + employment) * kStages + stage;
}

policy::Subject SessionAuthenticator::subject_of(const identity::Session& session) const {
  policy::Subject subject = session.subject();
  subject.service_lines = directory_.service_lines_of(session.user);
  return subject;
}

core::Result<policy::Subject> SessionAuthenticator::authenticate(const identity::SessionKey& session,
                                                                 const net::Address&) {
  const auto found = identity_.sessions().authenticate(session);
  if (!found) return std::unexpected(found.error());
  return subject_of(*found);
}

std::optional<core::Result<policy::Subject>> SessionAuthenticator::authenticate_now(
    const identity::SessionKey& session, const net::Address&) {
  const auto found = identity_.sessions().authenticate_now(session);
  if (!found) return std::nullopt;
  return subject_of(*found);
}

core::Result<void> SessionAuthenticator::may_attempt(const policy::Subject& subject, policy::Action action) {
  if (permitted_[kind_of(subject)].test(static_cast<std::size_t>(action))) return {};
  policy::Decision decision;
  if (policy::info_of(action).stage > subject.stage) decision.code = "stage-too-low";
  return std::unexpected(policy::denial(decision, action));
}

core::Error SessionAuthenticator::record_denial(const policy::Subject& subject, policy::Action action,
                                                const net::Address& peer, core::Error error) {
  // A browser that has not shown its device yet is told to, which is no attempt at anything.
  if (error.kind != core::ErrorKind::denied) return error;
  const identity::Requester who{subject, {to_bytes(peer.bytes)}};
  return identity::record_denial(identity_.environment(), who, action, policy::Decision{});
}

}  // namespace wardline::app
