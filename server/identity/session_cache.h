// Sessions in memory: authentication is on the path of every request.
#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "server/identity/session.h"

namespace wardline::identity {

/// Bounded; safe for use from many threads. An entry is believed for `believed` and then read from the
/// database again, so that what another node ended does not live on here; what this node ends is forgotten at
/// once.
class SessionCache {
 public:
  struct Limits {
    std::size_t entries = 20'000;
    std::chrono::seconds believed{5};
    std::chrono::seconds unsaved{60};  ///< how old the time of last use in the database may get
  };
  explicit SessionCache(Limits limits) : limits_(limits) {}

  /// Reading a session from the database starts with this; `put` needs it back and drops the session if any
  /// was forgotten in between: it might be one that has ended.
  std::uint64_t generation() const;
  void put(const SessionKey& key, const Session& session, core::Time used_at, core::Time now,
           std::uint64_t generation);

  /// The session, marked as used now. Nothing when the database must be asked: unknown, too old, or its time
  /// of last use must be saved.
  std::optional<Session> use(const SessionKey& key, core::Time now);

  void forget_session(core::SessionId session);
  void forget_user(core::UserId user);

 private:
  struct Entry {
    Session session;
    core::Time read_at;
    core::Time saved_at;
    core::Time used_at;
  };
  template <class Predicate>
  void forget_if(Predicate predicate);
  void make_room();

  const Limits limits_;
  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::map<SessionKey, Entry> entries_;
};

}  // namespace wardline::identity
