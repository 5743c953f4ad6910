// Sessions: begun by sign-in, bound to a device by proof of possession, ended by time, by their owner, or
// with the device or account.
#pragma once

#include "server/identity/account_store.h"
#include "server/identity/lifecycle.h"
#include "server/identity/requester.h"
#include "server/identity/session_cache.h"

namespace wardline::identity {

struct SessionLimits {
  std::chrono::seconds idle = std::chrono::minutes(15);
  std::chrono::seconds lifetime = std::chrono::hours(12);
  std::chrono::seconds challenge{60};
  std::int64_t challenges_most = 8;  ///< open at a time per session
  SessionCache::Limits cache;
};

/// Only the hash of a token is stored. Whenever a session gains rights its token changes, so that one that
/// was planted or seen before is worth nothing (session fixation).
class Sessions {
 public:
  Sessions(const Environment& environment, const Lifecycle& lifecycle, SessionLimits limits = {});

  /// In the transaction of the sign-in.
  StartedSession start(storage::Transaction& tx, const Account& account, core::Time now);

  /// The session of a token, renewed for its idle time. Blocks. Error: `unauthenticated` "session-ended".
  core::Result<Session> authenticate(const SessionKey& key);
  /// The same from memory only, without blocking; nothing when the database must be asked.
  std::optional<Session> authenticate_now(const SessionKey& key);

  core::Result<void> end(const Requester& who);

  /// 32 random bytes to sign, good for one use by this session. Error: `rate_limited` "too-many-challenges".
  core::Result<Bytes> new_challenge(const Requester& who);
  /// False if it is not an open challenge of this session; it is used up in any case.
  static bool use_challenge(storage::Transaction& tx, core::SessionId session, ByteView challenge,
                            core::Time now);

  /// The session goes on at this device under a fresh token. Error: `unauthenticated` "session-ended".
  core::Result<StartedSession> bind(storage::Transaction& tx, core::SessionId session, core::DeviceId device,
                                    core::Time now);

  /// In the transaction that revokes the device or changes the account.
  void end_all(storage::Transaction& tx, core::DeviceId device, SessionEnd why);
  void end_all(storage::Transaction& tx, core::UserId user, SessionEnd why);
  /// After a change of role or status: cached sessions are read again.
  void refresh(storage::Transaction& tx, core::UserId user);

  /// Ends sessions whose time is up. Returns how many.
  core::Result<std::size_t> purge();

  const SessionLimits& limits() const { return limits_; }

 private:
  struct Stored;
  static std::optional<Stored> load(storage::ReadTransaction& tx, const SessionKey& key,
                                    std::chrono::seconds idle);
  bool has_ended(const Stored& stored, core::Time now) const;
  core::Result<void> expire(core::SessionId session, core::UserId user);
  void forget_after_commit(storage::Transaction& tx, std::vector<core::SessionId> sessions, SessionEnd why);

  const Environment environment_;
  const Lifecycle& lifecycle_;
  const SessionLimits limits_;
  SessionCache cache_;
};

}  // namespace wardline::identity
