// Slows guessing down: failed sign-ins are counted per account and per address, and each further one waits
// longer.
#pragma once

#include <string_view>

#include "server/identity/requester.h"

namespace wardline::identity {

/// Nobody is shut out for good: waits are bounded. An address stands for a whole ward behind one router, so
/// it is allowed far more and waits far less. Somebody who signed in from an address before is not locked out
/// there by strangers who guess at the account from elsewhere.
class AttemptLimiter {
 public:
  struct Rule {
    std::int64_t free;               ///< failures before there is any wait
    std::chrono::seconds longest;    ///< waits double from one second up to this
    std::chrono::seconds forgotten;  ///< failures count for this long after the last one
  };
  static constexpr Rule kAccount{5, std::chrono::minutes(15), std::chrono::hours(24)};
  static constexpr Rule kAddress{100, std::chrono::seconds(30), std::chrono::hours(1)};
  static constexpr std::chrono::hours kFamiliar{
      24 * 30};  ///< how long a successful sign-in vouches for an address
  static constexpr std::int64_t kSuccessRedeems = 20;  ///< failures of the address that a success takes back

  /// How long to wait after this many failures.
  static std::chrono::seconds wait_after(const Rule& rule, std::int64_t failures);

  explicit AttemptLimiter(storage::KeyRing& keys);

  struct Keys {
    Bytes account;
    Bytes address;
    Bytes pair;
  };
  Keys keys_of(storage::Transaction& tx, std::string_view username, const RemoteAddress& from) const;

  /// Counts an attempt before its outcome is known, so that many at once do not slip through. Error:
  /// `rate_limited` "locked-out" with `retry_after_seconds`; then nothing is counted.
  core::Result<void> begin(storage::Transaction& tx, const Keys& keys, core::Time now) const;
  /// The attempt was right, but is not yet a sign-in: takes its count back.
  void take_back(storage::Transaction& tx, const Keys& keys) const;
  /// Somebody signed in: the account starts afresh.
  void succeed(storage::Transaction& tx, const Keys& keys, core::Time now) const;
  /// Deletes what no longer counts.
  void purge(storage::Transaction& tx, core::Time now) const;

 private:
  struct State {
    std::int64_t failures = 0;
    core::Time last_at;
    std::optional<core::Time> succeeded_at;
  };
  static State load(storage::ReadTransaction& tx, ByteView key, const Rule& rule, core::Time now);
  static void save(storage::Transaction& tx, ByteView key, const State& state);

  storage::BlindIndex index_;
};

}  // namespace wardline::identity
