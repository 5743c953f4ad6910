#include "server/identity/attempt_limiter.h"

#include "lib/bytes/text.h"

namespace wardline::identity {

std::chrono::seconds AttemptLimiter::wait_after(const Rule& rule, std::int64_t failures) {
  if (failures < rule.free) return std::chrono::seconds(0);
  const std::int64_t doublings = std::min<std::int64_t>(failures - rule.free, 20);
  return std::min(std::chrono::seconds(std::int64_t{1} << doublings), rule.longest);
}

AttemptLimiter::AttemptLimiter(storage::KeyRing& keys)
    : index_(keys, "identity-index", "sign_in_attempts", "subject", storage::Normalise::folded) {}

AttemptLimiter::Keys AttemptLimiter::keys_of(storage::Transaction& tx, std::string_view username,
                                             const RemoteAddress& from) const {
  const auto scope = organisation_scope();
  const std::string address = to_hex(from.subscriber());
  return {.account = index_.value(tx, scope, "account " + std::string(username)),
          .address = index_.value(tx, scope, "address " + address),
          .pair = index_.value(tx, scope, "pair " + address + " " + std::string(username))};
}

AttemptLimiter::State AttemptLimiter::load(storage::ReadTransaction& tx, ByteView key, const Rule& rule,
                                           core::Time now) {
  const auto rows =
      tx.query("SELECT failures, last_at, succeeded_at FROM sign_in_attempts WHERE attempt_index = $1", key);
  if (rows.empty()) return {};
  State state{rows.front().get<std::int64_t>(0), rows.front().get<core::Time>(1),
              rows.front().get<std::optional<core::Time>>(2)};
  if (now - state.last_at > rule.forgotten) state.failures = 0;
  // A clock that was set back locks nobody out until it has come there again.
  if (state.last_at - now > rule.longest) state.last_at = now - rule.longest;
  return state;
}

void AttemptLimiter::save(storage::Transaction& tx, ByteView key, const State& state) {
  tx.execute(
      "INSERT INTO sign_in_attempts (attempt_index, failures, last_at, succeeded_at) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (attempt_index) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, "
      "succeeded_at = excluded.succeeded_at",
      key, state.failures, state.last_at, state.succeeded_at);
}

core::Result<void> AttemptLimiter::begin(storage::Transaction& tx, const Keys& keys, core::Time now) const {
  State account = load(tx, keys.account, kAccount, now);
  State address = load(tx, keys.address, kAddress, now);
  State pair = load(tx, keys.pair, kAccount, now);
  const bool familiar = pair.succeeded_at && now - *pair.succeeded_at < kFamiliar;
  const State& decisive = familiar ? pair : account;
  const core::Time open_at = std::max(decisive.last_at + wait_after(kAccount, decisive.failures),
                                      address.last_at + wait_after(kAddress, address.failures));
  if (now < open_at) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(open_at - now);
    return core::fail(core::ErrorKind::rate_limited, "locked-out",
                      "Too many failed attempts. Wait a little and try again.",
                      {{"retry_after_seconds", left.count()}});
  }
  for (auto [key, state] :
       {std::pair(&keys.account, &account), {&keys.address, &address}, {&keys.pair, &pair}}) {
    ++state->failures;
    state->last_at = now;
    save(tx, *key, *state);
  }
  return {};
}

void AttemptLimiter::take_back(storage::Transaction& tx, const Keys& keys) const {
  for (const Bytes* key : {&keys.account, &keys.address, &keys.pair}) {
    tx.execute(
        "UPDATE sign_in_attempts SET failures = failures - 1 WHERE attempt_index = $1 AND failures > 0",
        *key);
  }
}

void AttemptLimiter::succeed(storage::Transaction& tx, const Keys& keys, core::Time now) const {
  save(tx, keys.account, {0, now, std::nullopt});
  save(tx, keys.pair, {0, now, now});
  State address = load(tx, keys.address, kAddress, now);
  address.failures = std::max<std::int64_t>(0, address.failures - kSuccessRedeems);
  save(tx, keys.address, address);
}

void AttemptLimiter::purge(storage::Transaction& tx, core::Time now) const {
  tx.execute("DELETE FROM sign_in_attempts WHERE last_at < $1", now - kFamiliar);
}

}  // namespace wardline::identity
