#include "server/identity/device_authority.h"

#include "lib/crypto/x509/issue.h"
#include "server/audit/append.h"

namespace wardline::identity {
namespace {

constexpr std::int64_t kAuthorityId = 1;
constexpr std::chrono::minutes kClockSkew{
    5};  // A device whose clock runs late accepts its fresh certificate.

std::unexpected<core::Error> failed(crypto::Error error) {
  return core::fail(core::ErrorKind::internal, "device-authority", std::string(crypto::name_of(error)));
}

crypto::Validity validity_from(core::Time now, std::chrono::microseconds span) {
  return {.not_before = (now - kClockSkew).microseconds, .not_after = (now + span).microseconds};
}

storage::SealedColumn key_column(storage::KeyRing& keys) {
  return {keys, "device-authority", "device_authority", "private_key"};
}

struct Stored {
  Bytes certificate;
  SecretBytes key;
};

core::Result<std::optional<Stored>> load(const Environment& environment, storage::ReadTransaction& tx) {
  const auto rows =
      tx.query("SELECT certificate, private_key FROM device_authority WHERE authority_id = $1", kAuthorityId);
  if (rows.empty()) return std::nullopt;
  const auto key = key_column(environment.keys).open(tx, as_bytes("1"), rows.front().get<storage::Sealed>(1));
  if (!key) return std::unexpected(key.error());
  return Stored{rows.front().get<Bytes>(0), SecretBytes(key->view())};
}

core::Result<Stored> make(std::string_view organisation, core::Time now) {
  const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256);
  if (!key) return failed(key.error());
  crypto::CertificateRequest request;
  request.role = crypto::CertificateRole::authority;
  request.common_name = "Wardline device authority";
  request.organization = organisation;
  request.serial = crypto::random_serial();
  request.validity = validity_from(now, DeviceAuthority::kAuthorityLifetime);
  const auto certificate = crypto::issue_self_signed(*key, request);
  if (!certificate) return failed(certificate.error());
  return Stored{certificate->der(), key->to_raw()};
}

}  // namespace

core::Result<DeviceAuthority> DeviceAuthority::open(const Environment& environment,
                                                    std::string_view organisation) {
  const auto stored = environment.database.write([&](storage::Transaction& tx) -> core::Result<Stored> {
    auto existing = load(environment, tx);
    if (!existing) return std::unexpected(existing.error());
    if (*existing) return std::move(**existing);
    const core::Time now = environment.clock.now();
    auto fresh = make(organisation, now);
    if (!fresh) return fresh;
    tx.execute(
        "INSERT INTO device_authority (authority_id, certificate, private_key, created_at) VALUES ($1, $2, "
        "$3, $4)",
        kAuthorityId, fresh->certificate,
        key_column(environment.keys)
            .seal(tx, organisation_scope(), as_bytes("1"), fresh->key.view())
            .stored(),
        now);
    audit::append(tx,
                  audit::Entry::by_system(audit::SystemAct::certificate_issue, audit::Outcome::done, now));
    return fresh;
  });
  if (!stored) return std::unexpected(stored.error());
  const auto certificate = crypto::Certificate::parse(stored->certificate);
  if (!certificate) return failed(certificate.error());
  auto key = crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, stored->key.view());
  if (!key) return failed(key.error());
  return DeviceAuthority(*certificate, std::move(*key));
}

core::Result<Bytes> DeviceAuthority::issue(core::UserId user, core::DeviceId device,
                                           const crypto::VerificationKey& key, core::Time now) const {
  crypto::CertificateRequest request;
  request.role = crypto::CertificateRole::device;
  request.common_name = user.to_string();
  request.serial = crypto::random_serial();
  request.validity = validity_from(now, kDeviceLifetime);
  request.uris = {"urn:uuid:" + device.to_string()};
  const auto certificate = crypto::issue_certificate(key_, certificate_, key, request);
  if (!certificate) return failed(certificate.error());
  return certificate->der();
}

}  // namespace wardline::identity
