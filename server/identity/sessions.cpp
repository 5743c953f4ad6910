#include "server/identity/sessions.h"

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "server/identity/clock_tolerance.h"
#include "server/identity/secret_code.h"

namespace wardline::identity {
namespace {

using policy::Action;

std::unexpected<core::Error> session_ended() {
  return core::fail(core::ErrorKind::unauthenticated, "session-ended",
                    "The session has ended. Sign in again.");
}

std::vector<core::SessionId> ids_of(const storage::Rows& rows) {
  std::vector<core::SessionId> ids;
  for (const auto row : rows) ids.push_back(row.get<core::SessionId>(0));
  return ids;
}

void remove(storage::Transaction& tx, core::SessionId session) {
  tx.execute("DELETE FROM session_challenges WHERE session_id = $1", session);
  tx.execute("DELETE FROM pending_enrolments WHERE owner = $1", session);
  tx.execute("DELETE FROM sessions WHERE session_id = $1", session);
}

}  // namespace

struct Sessions::Stored {
  Session session;
  core::Time used_at;
};

Sessions::Sessions(const Environment& environment, const Lifecycle& lifecycle, SessionLimits limits)
    : environment_(environment), lifecycle_(lifecycle), limits_(limits), cache_(limits.cache) {}

StartedSession Sessions::start(storage::Transaction& tx, const Account& account, core::Time now) {
  StartedSession started{new_token(), {}};
  Session& session = started.session;
  session.id = core::new_id<core::SessionId>();
  session.user = account.id;
  session.role = account.role;
  session.employment = account.employment;
  session.expires_at = now + limits_.lifetime;
  session.idle = limits_.idle;
  tx.execute(
      "INSERT INTO sessions (session_id, token_hash, user_id, created_at, used_at, expires_at) "
      "VALUES ($1, $2, $3, $4, $4, $5)",
      session.id, started.key().view(), session.user, now, session.expires_at);
  return started;
}

std::optional<Sessions::Stored> Sessions::load(storage::ReadTransaction& tx, const SessionKey& key,
                                               std::chrono::seconds idle) {
  const auto rows = tx.query(
      "SELECT s.session_id, s.user_id, s.device_id, s.used_at, s.expires_at, u.role, u.employment "
      "FROM sessions s JOIN users u ON u.user_id = s.user_id WHERE s.token_hash = $1 AND u.active",
      key.view());
  if (rows.empty()) return std::nullopt;
  const auto row = rows.front();
  const auto role = policy::find_role(row.text_view(5));
  const auto employment = policy::find_employment(row.text_view(6));
  if (!role || !employment) return std::nullopt;
  return Stored{{.id = row.get<core::SessionId>(0),
                 .user = row.get<core::UserId>(1),
                 .device = row.get<std::optional<core::DeviceId>>(2),
                 .role = *role,
                 .employment = *employment,
                 .expires_at = row.get<core::Time>(4),
                 .idle = idle},
                row.get<core::Time>(3)};
}

bool Sessions::has_ended(const Stored& stored, core::Time now) const {
  return now >= stored.session.expires_at || now - stored.used_at > limits_.idle ||
         stored.used_at - now > kClockTolerance;
}

std::optional<Session> Sessions::authenticate_now(const SessionKey& key) {
  return cache_.use(key, environment_.clock.now());
}

core::Result<Session> Sessions::authenticate(const SessionKey& key) {
  const core::Time now = environment_.clock.now();
  if (auto cached = cache_.use(key, now)) return *cached;

  const std::uint64_t generation = cache_.generation();
  const auto stored =
      environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::optional<Stored>> {
        return load(tx, key, limits_.idle);
      });
  if (!stored) return std::unexpected(stored.error());
  if (!*stored) return session_ended();
  const auto& [session, used_at] = **stored;
  if (has_ended(**stored, now)) {
    const auto expired = expire(session.id, session.user);
    return expired ? core::Result<Session>(session_ended()) : std::unexpected(expired.error());
  }
  core::Time saved_at = used_at;
  if (now - used_at > limits_.cache.unsaved / 2) {
    const auto saved = environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute("UPDATE sessions SET used_at = $2 WHERE session_id = $1 AND used_at < $2", session.id, now);
      if (session.device) {
        tx.execute("UPDATE devices SET last_seen_at = $2 WHERE device_id = $1 AND last_seen_at < $2",
                   *session.device, now);
      }
      return {};
    });
    // On a full disk people can still read: that they were here is noted when there is space again.
    if (!saved && saved.error().kind != core::ErrorKind::storage_full) return std::unexpected(saved.error());
    if (saved) saved_at = now;
  }
  cache_.put(key, session, saved_at, now, generation);
  return session;
}

core::Result<void> Sessions::expire(core::SessionId session, core::UserId user) {
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    if (tx.query("SELECT 1 FROM sessions WHERE session_id = $1", session).empty()) return {};
    remove(tx, session);
    auto entry = audit::Entry::by_system(audit::SystemAct::session_expire, audit::Outcome::done,
                                         environment_.clock.now());
    entry.objects = {session, user};
    audit::append(tx, entry);
    forget_after_commit(tx, {session}, SessionEnd::expired);
    return {};
  });
}

void Sessions::forget_after_commit(storage::Transaction& tx, std::vector<core::SessionId> sessions,
                                   SessionEnd why) {
  tx.after_commit([this, sessions = std::move(sessions), why] {
    for (const auto& session : sessions) cache_.forget_session(session);
    lifecycle_.sessions_ended(sessions, why);
  });
}

core::Result<void> Sessions::end(const Requester& who) {
  const auto proof = authorize<Action::session_end>(environment_, who, {.owner = who.subject.user});
  if (!proof) return std::unexpected(proof.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    remove(tx, who.subject.session.value());
    audit::append(tx, entry_by(who, Action::session_end, proof->decision(), environment_.clock.now()));
    forget_after_commit(tx, {*who.subject.session}, SessionEnd::signed_out);
    return {};
  });
}

core::Result<Bytes> Sessions::new_challenge(const Requester& who) {
  const auto proof = authorize<Action::session_bind_device>(environment_, who, {.owner = who.subject.user});
  if (!proof) return std::unexpected(proof.error());
  const core::SessionId session = who.subject.session.value();
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<Bytes> {
    const core::Time now = environment_.clock.now();
    tx.execute("DELETE FROM session_challenges WHERE session_id = $1 AND expires_at <= $2", session, now);
    const auto open = tx.query_value<std::int64_t>(
        "SELECT count(*) FROM session_challenges WHERE session_id = $1", session);
    if (open.value_or(0) >= limits_.challenges_most) {
      return core::fail(core::ErrorKind::rate_limited, "too-many-challenges", "Wait a minute and try again.",
                        {{"retry_after_seconds", limits_.challenge.count()}});
    }
    Bytes challenge = crypto::random_bytes(32);
    tx.execute("INSERT INTO session_challenges (challenge_hash, session_id, expires_at) VALUES ($1, $2, $3)",
               crypto::sha256(challenge), session, now + limits_.challenge);
    return challenge;
  });
}

bool Sessions::use_challenge(storage::Transaction& tx, core::SessionId session, ByteView challenge,
                             core::Time now) {
  const auto expires_at = tx.query_value<core::Time>(
      "DELETE FROM session_challenges WHERE challenge_hash = $1 AND session_id = $2 RETURNING expires_at",
      crypto::sha256(challenge), session);
  return expires_at && now < *expires_at;
}

core::Result<StartedSession> Sessions::bind(storage::Transaction& tx, core::SessionId id,
                                            core::DeviceId device, core::Time now) {
  StartedSession started{new_token(), {}};
  tx.execute("UPDATE sessions SET token_hash = $2, device_id = $3, used_at = $4 WHERE session_id = $1", id,
             started.key().view(), device, now);
  const auto stored = load(tx, started.key(), limits_.idle);
  if (!stored) return session_ended();
  tx.execute("UPDATE devices SET last_seen_at = $2 WHERE device_id = $1", device, now);
  tx.after_commit([this, id] { cache_.forget_session(id); });
  started.session = stored->session;
  return started;
}

void Sessions::end_all(storage::Transaction& tx, core::DeviceId device, SessionEnd why) {
  auto ids = ids_of(tx.query("SELECT session_id FROM sessions WHERE device_id = $1", device));
  for (const auto& id : ids) remove(tx, id);
  forget_after_commit(tx, std::move(ids), why);
}

void Sessions::end_all(storage::Transaction& tx, core::UserId user, SessionEnd why) {
  auto ids = ids_of(tx.query("SELECT session_id FROM sessions WHERE user_id = $1", user));
  for (const auto& id : ids) remove(tx, id);
  forget_after_commit(tx, std::move(ids), why);
}

void Sessions::refresh(storage::Transaction& tx, core::UserId user) {
  tx.after_commit([this, user] { cache_.forget_user(user); });
}

core::Result<std::size_t> Sessions::purge() {
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<std::size_t> {
    const core::Time now = environment_.clock.now();
    const auto rows =
        tx.query("SELECT session_id, user_id FROM sessions WHERE expires_at <= $1 OR used_at < $2 LIMIT 500",
                 now, now - limits_.idle - limits_.cache.unsaved);
    std::vector<audit::Entry> entries;
    for (const auto row : rows) {
      remove(tx, row.get<core::SessionId>(0));
      entries.push_back(audit::Entry::by_system(audit::SystemAct::session_expire, audit::Outcome::done, now));
      entries.back().objects = {row.get<core::SessionId>(0), row.get<core::UserId>(1)};
    }
    audit::append(tx, entries);
    forget_after_commit(tx, ids_of(rows), SessionEnd::expired);
    return rows.size();
  });
}

}  // namespace wardline::identity
