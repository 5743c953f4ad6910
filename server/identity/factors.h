// A person's own second factors: seen, added and removed from a registered device; the last one stays
// (IAM-3).
#pragma once

#include "server/identity/enrolments.h"
#include "server/identity/requester.h"

namespace wardline::identity {

class Factors {
 public:
  Factors(const Environment& environment, const webauthn::RelyingParty& party);

  core::Result<std::vector<Factor>> list(const Requester& who) const;
  /// Errors of all four: those of Enrolments, and `denied`.
  core::Result<WebAuthnOffer> begin_webauthn(const Requester& who);
  core::Result<TotpOffer> begin_totp(const Requester& who);
  core::Result<Factor> add_webauthn(const Requester& who, const webauthn::Registration& answer,
                                    std::string_view name);
  core::Result<Factor> add_totp(const Requester& who, std::string_view code);
  /// Errors: `not_found` "factor-not-found" (also for somebody else's); `conflict` "last-factor".
  core::Result<void> remove(const Requester& who, FactorId id);

 private:
  template <class Offer, class Begin>
  core::Result<Offer> begin(const Requester& who, Begin&& begin_with);
  template <class Finish>
  core::Result<Factor> add(const Requester& who, Finish&& finish);

  const Environment environment_;
  AccountStore accounts_;
  FactorStore factors_;
  Enrolments enrolments_;
};

}  // namespace wardline::identity
