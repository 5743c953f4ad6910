// The authentication service (RFC 9420 §5.3.1) of a device: believes the organisation's device CA about
// members whose certificates are in the device log (ENC-8), and knows one external sender, the server.
#pragma once

#include <map>

#include "lib/conversation/failure.h"
#include "lib/conversation/wire.h"
#include "lib/crypto/x509/certificate.h"
#include "lib/mls/public/extension.h"
#include "lib/mls/public/validation.h"

namespace wardline::conversation {

class UnloggedLeaves;

class DeviceAuthority final : public mls::CredentialValidator {
 public:
  /// `own`: this device's certificate (DER). It needs no proof: its key was made here.
  DeviceAuthority(crypto::Certificate authority, mls::ExternalSender server, transparency::LogView log,
                  ByteView own)
      : authority_(std::move(authority)),
        server_(std::move(server)),
        log_(std::move(log)),
        own_(transparency::hash_of_certificate(own)) {}

  /// Microseconds since 1970 UTC: what certificates are judged by from now on.
  void set_now(std::int64_t now) { now_ = now; }

  transparency::LogView& log() { return log_; }
  const transparency::LogView& log() const { return log_; }
  /// That a certificate which was refused as unlogged is entry `index`. One that was not asked for says
  /// nothing. `log_alarm` if it is not.
  Outcome<void> prove(const LoggedCertificate& logged);

  /// Whose leaf this is, by its certificate: CN the user, one URI `urn:uuid:` the device. Nothing if the
  /// certificate is not by the authority or does not say so. Its dates play no part: who has been in a group
  /// stays who it was.
  std::optional<Device> device_of(const mls::Credential& credential) const;

  /// False for a certificate that is not known to be logged, unless an UnloggedLeaves collects those.
  bool accepts(const mls::Credential& credential, const mls::SignaturePublicKey& key,
               mls::CredentialRole role) const override;
  /// A device may renew its certificate; it stays the same device of the same person.
  bool accepts_successor(const mls::Credential& before, const mls::Credential& after) const override;

 private:
  friend class UnloggedLeaves;
  struct Known {
    Device device;
    crypto::Validity validity;
    transparency::CertificateHash hash{};
  };
  const Known* find(const mls::Credential& credential) const;
  bool is_logged(const Known& known, const mls::Credential& credential) const;

  crypto::Certificate authority_;
  mls::ExternalSender server_;
  transparency::LogView log_;
  transparency::CertificateHash own_;
  std::int64_t now_ = 0;
  // By the certificate's DER. Checking a signature costs as much as everything else about a leaf together.
  mutable std::map<Bytes, std::optional<Known>> known_;
  // What was refused as unlogged and may be proven: the certificates of several calls.
  mutable std::map<transparency::CertificateHash, transparency::IssuedCertificate> refused_;
  mutable UnloggedLeaves* collector_ = nullptr;
};

/// Which leaves of one call have certificates that are not known to be logged. Collecting lets them pass, so
/// that one call names all of them: whoever collects asks `check` before anything of the result is kept.
class [[nodiscard]] UnloggedLeaves {
 public:
  enum class Mode : std::uint8_t { refuse, collect };
  UnloggedLeaves(const DeviceAuthority& authority, Mode mode);
  ~UnloggedLeaves();
  UnloggedLeaves(const UnloggedLeaves&) = delete;
  UnloggedLeaves& operator=(const UnloggedLeaves&) = delete;

  /// For a certificate that the library has not asked about yet.
  void look_at(const mls::Credential& credential);
  /// `unlogged_device`, naming them, if there are any.
  Outcome<void> check() const;

 private:
  friend class DeviceAuthority;
  const DeviceAuthority& authority_;
  Mode mode_;
  std::vector<transparency::CertificateHash> hashes_;
};

}  // namespace wardline::conversation
