// Enrolling a second factor in two steps, begun and finished by the same owner: a sign-in (the first factor
// ever) or a session (further ones).
#pragma once

#include "server/identity/account_store.h"
#include "server/identity/factor_store.h"

namespace wardline::identity {

/// What a browser needs for navigator.credentials.create().
struct WebAuthnOffer {
  Bytes challenge;
  Bytes user_handle;  ///< the user id: nothing that identifies a person (WebAuthn §14.6.1)
  std::string user_name;
  std::string display_name;
  std::vector<Bytes> known_credential_ids;
};

struct TotpOffer {
  std::string secret_text;
  std::string uri;
};

class Enrolments {
 public:
  static constexpr std::chrono::minutes kLifetime{10};
  static constexpr std::size_t kFactorsMost = 10;

  /// `party` must outlive this object.
  Enrolments(storage::KeyRing& keys, const webauthn::RelyingParty& party);

  /// Errors: `conflict` "too-many-factors".
  core::Result<WebAuthnOffer> begin_webauthn(storage::Transaction& tx, ByteView owner, const Account& account,
                                             core::Time now) const;
  /// Errors: `conflict` "totp-exists": there is one authenticator app per person, remove it first.
  core::Result<TotpOffer> begin_totp(storage::Transaction& tx, ByteView owner, const Account& account,
                                     core::Time now) const;

  /// Both end what was begun if they succeed. Errors: `conflict` "no-enrolment" (nothing begun, or too long
  /// ago), "credential-exists"; `invalid` "webauthn-failed", "wrong-code".
  core::Result<FactorId> finish_webauthn(storage::Transaction& tx, ByteView owner, core::UserId user,
                                         std::string_view name, const webauthn::Registration& answer,
                                         core::Time now) const;
  core::Result<FactorId> finish_totp(storage::Transaction& tx, ByteView owner, core::UserId user,
                                     std::string_view code, core::Time now) const;

  static void purge(storage::Transaction& tx, core::Time now);

 private:
  core::Result<void> check_room(storage::ReadTransaction& tx, core::UserId user) const;

  const webauthn::RelyingParty& party_;
  FactorStore factors_;
  storage::SealedColumn totp_secret_;
};

}  // namespace wardline::identity
