// The authentication service of RFC 9750 as MLS validation asks it: whom do we believe about a leaf?
#pragma once

#include "lib/mls/public/validation.h"
#include "server/core/clock.h"
#include "server/delivery/people.h"

namespace wardline::delivery {

/// Accepts X.509 credentials of our device CA for members, and exactly one key as external sender: the
/// server's own.
class LeafOwners final : public mls::CredentialValidator {
 public:
  LeafOwners(const People& people, const core::Clock& clock, Bytes external_sender_key)
      : people_(people), clock_(clock), external_sender_key_(std::move(external_sender_key)) {}

  bool accepts(const mls::Credential& credential, const mls::SignaturePublicKey& key,
               mls::CredentialRole role) const override {
    if (role == mls::CredentialRole::external_sender) return equal(key, external_sender_key_);
    return people_.owner_of(credential, clock_.now()).has_value();
  }

  /// A device may renew its certificate; it stays the same device of the same person.
  bool accepts_successor(const mls::Credential& before, const mls::Credential& after) const override {
    const auto now = clock_.now();
    const auto old_owner = people_.owner_of(before, now);
    const auto new_owner = people_.owner_of(after, now);
    return before == after || (old_owner && new_owner && *old_owner == *new_owner);
  }

 private:
  const People& people_;
  const core::Clock& clock_;
  const Bytes external_sender_key_;
};

/// How every message is judged by the server: our credentials, today's clock, default limits.
inline mls::Validation validation_at(const LeafOwners& owners, core::Time now) {
  return {.credentials = owners,
          .lifetimes = mls::LifetimeCheck{.now = static_cast<std::uint64_t>(now.microseconds / 1'000'000)}};
}

}  // namespace wardline::delivery
