// A signed-in browser: who, how far, until when.
#pragma once

#include <optional>
#include <string>

#include "server/core/clock.h"
#include "server/identity/session_key.h"
#include "server/policy/subject.h"

namespace wardline::identity {

struct Session {
  core::SessionId id;
  core::UserId user;
  std::optional<core::DeviceId> device;  ///< set: stage device_bound
  policy::Role role = policy::Role::nurse;
  policy::Employment employment = policy::Employment::staff;
  core::Time expires_at;  ///< in any case; and without use for `idle` before that
  std::chrono::seconds idle{0};

  policy::Stage stage() const { return device ? policy::Stage::device_bound : policy::Stage::signed_in; }
  /// Without service lines: the directory knows those.
  policy::Subject subject() const {
    return {.user = user,
            .role = role,
            .employment = employment,
            .stage = stage(),
            .session = id,
            .device = device};
  }
};

/// A session whose token has just been made: the only time that the token exists outside of the browser.
struct StartedSession {
  std::string token;
  Session session;

  SessionKey key() const { return SessionKey::of(token).value(); }
};

}  // namespace wardline::identity
