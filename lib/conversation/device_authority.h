// The authentication service (RFC 9420 §5.3.1) of a device: believes the organisation's device CA about
// members, and knows one external sender, the server.
#pragma once

#include <map>

#include "lib/conversation/wire.h"
#include "lib/crypto/x509/certificate.h"
#include "lib/mls/public/extension.h"
#include "lib/mls/public/validation.h"

namespace wardline::conversation {

class DeviceAuthority final : public mls::CredentialValidator {
 public:
  DeviceAuthority(crypto::Certificate authority, mls::ExternalSender server)
      : authority_(std::move(authority)), server_(std::move(server)) {}

  /// Microseconds since 1970 UTC: what certificates are judged by from now on.
  void set_now(std::int64_t now) { now_ = now; }

  /// Whose leaf this is, by its certificate: CN the user, one URI `urn:uuid:` the device. Nothing if the
  /// certificate is not by the authority or does not say so. Its dates play no part: who has been in a group
  /// stays who it was.
  std::optional<Device> device_of(const mls::Credential& credential) const;

  bool accepts(const mls::Credential& credential, const mls::SignaturePublicKey& key,
               mls::CredentialRole role) const override;
  /// A device may renew its certificate; it stays the same device of the same person.
  bool accepts_successor(const mls::Credential& before, const mls::Credential& after) const override;

 private:
  struct Known {
    Device device;
    crypto::Validity validity;
  };
  const Known* find(const mls::Credential& credential) const;

  crypto::Certificate authority_;
  mls::ExternalSender server_;
  std::int64_t now_ = 0;
  // By the certificate's DER. Checking a signature costs as much as everything else about a leaf together.
  mutable std::map<Bytes, std::optional<Known>> known_;
};

}  // namespace wardline::conversation
