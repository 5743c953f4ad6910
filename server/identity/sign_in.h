// Signing in: password, then a second factor; or, the first time, an activation code and the factor that is
// enrolled with it (IAM-3). Every success and failure is audited in the transaction that decides it.
#pragma once

#include "server/identity/attempt_limiter.h"
#include "server/identity/enrolments.h"
#include "server/identity/password.h"
#include "server/identity/sessions.h"

namespace wardline::identity {

class SignIn {
 public:
  static constexpr std::chrono::minutes kLifetime{5};  ///< from the password to the second factor
  static constexpr std::chrono::minutes kEnrolLifetime{15};
  static constexpr std::int64_t kFailuresMost =
      5;  ///< of the second factor, before the password is asked again

  SignIn(const Environment& environment, PasswordHasher& hasher, Sessions& sessions,
         const webauthn::RelyingParty& party);

  struct Begun {
    std::string sign_in_id;
    bool enrol = false;               ///< there is no factor yet: an activation code is needed
    std::vector<FactorKind> factors;  ///< that this person has, or may enrol
    Bytes challenge;                  ///< for webauthn, if it is among them and not to be enrolled
    std::vector<Bytes> credential_ids;
  };
  /// Errors: `unauthenticated` "wrong-credentials" for an unknown name, a wrong password and an ended account
  /// alike and in the same time; `rate_limited` "locked-out" or "sign-in-busy" with `retry_after_seconds`.
  core::Result<Begun> password(std::string_view username, const SecretBytes& password,
                               const RemoteAddress& from);

  /// Errors of both: `unauthenticated` "sign-in-expired" (unknown, too old, too many failures, or from
  /// another address: start again), "webauthn-failed", "webauthn-cloned", "wrong-code"; `rate_limited`
  /// "locked-out".
  core::Result<StartedSession> webauthn(std::string_view sign_in_id, ByteView credential_id,
                                        const webauthn::Assertion& answer, const RemoteAddress& from);
  core::Result<StartedSession> totp(std::string_view sign_in_id, std::string_view code,
                                    const RemoteAddress& from);

  /// The activation code is checked now and used up when the enrolment succeeds: who cancels can try again.
  /// Errors: `unauthenticated` "sign-in-expired", "wrong-activation-code"; `conflict` "factor-exists";
  /// `rate_limited`.
  core::Result<WebAuthnOffer> begin_webauthn(std::string_view sign_in_id, std::string_view activation_code,
                                             const RemoteAddress& from);
  core::Result<TotpOffer> begin_totp(std::string_view sign_in_id, std::string_view activation_code,
                                     const RemoteAddress& from);
  /// Errors: those of Enrolments, and `unauthenticated` "sign-in-expired".
  core::Result<StartedSession> enrol_webauthn(std::string_view sign_in_id,
                                              const webauthn::Registration& answer, std::string_view name,
                                              const RemoteAddress& from);
  core::Result<StartedSession> enrol_totp(std::string_view sign_in_id, std::string_view code,
                                          const RemoteAddress& from);

  /// Deletes what has expired.
  core::Result<void> purge();

 private:
  /// A sign-in that waits for its second factor.
  struct Pending;

  core::Result<void> count_attempt(std::string_view username, const RemoteAddress& from);
  core::Result<std::optional<Account>> check_password(std::string_view username, const SecretBytes& password);
  core::Result<Begun> begin(storage::Transaction& tx, const Account& account, const RemoteAddress& from,
                            core::Time now);

  core::Result<Pending> resume(storage::Transaction& tx, std::string_view sign_in_id,
                               const RemoteAddress& from, core::Time now);
  template <class T, class Check>
  core::Result<T> step(std::string_view sign_in_id, const RemoteAddress& from, Check&& check);
  template <class Offer, class Begin>
  core::Result<Offer> begin_enrolment(std::string_view sign_in_id, std::string_view code,
                                      const RemoteAddress& from, Begin&& begin);
  template <class Finish>
  core::Result<StartedSession> finish_enrolment(std::string_view sign_in_id, const RemoteAddress& from,
                                                Finish&& finish);
  core::Result<StartedSession> complete(storage::Transaction& tx, const Pending& pending,
                                        const RemoteAddress& from, core::Time now);
  void refuse(storage::Transaction& tx, const Pending& pending, const core::Error& error,
              const RemoteAddress& from, core::Time now) const;
  void record(storage::Transaction& tx, const core::Error& error, std::optional<core::UserId> user,
              const RemoteAddress& from, core::Time now) const;

  const Environment environment_;
  PasswordHasher& hasher_;
  Sessions& sessions_;
  const webauthn::RelyingParty& party_;
  AccountStore accounts_;
  FactorStore factors_;
  Enrolments enrolments_;
  AttemptLimiter limiter_;
  storage::BlindIndex address_index_;
};

}  // namespace wardline::identity
