// The organisation's device CA: signs the certificates by which members of MLS groups know each other's
// devices.
#pragma once

#include "lib/crypto/x509/certificate.h"
#include "server/identity/environment.h"

namespace wardline::identity {

/// Safe for use from many threads.
class DeviceAuthority {
 public:
  static constexpr std::chrono::days kDeviceLifetime{825};
  static constexpr std::chrono::days kAuthorityLifetime{365 * 15};

  /// Loads the authority of this database; makes it the first time.
  static core::Result<DeviceAuthority> open(const Environment& environment, std::string_view organisation);

  /// CN is the user id, the SAN URI is urn:uuid:<device>, the key is the MLS signature key (docs/api.md).
  core::Result<Bytes> issue(core::UserId user, core::DeviceId device, const crypto::VerificationKey& key,
                            core::Time now) const;

  const crypto::Certificate& certificate() const { return certificate_; }

 private:
  DeviceAuthority(crypto::Certificate certificate, crypto::SigningKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  crypto::Certificate certificate_;
  crypto::SigningKey key_;
};

}  // namespace wardline::identity
