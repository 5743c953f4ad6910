#include "lib/conversation/device_authority.h"

#include "lib/bytes/text.h"

namespace wardline::conversation {
namespace {

constexpr std::size_t kMostKnown = 1U << 14;
constexpr std::string_view kUrn = "urn:uuid:";

std::optional<Device> read_device(const crypto::Certificate& certificate) {
  if (certificate.uris().size() != 1 || certificate.is_authority()) return std::nullopt;
  const std::string_view uri = certificate.uris().front();
  if (!uri.starts_with(kUrn)) return std::nullopt;
  Device device{certificate.common_name(), std::string(uri.substr(kUrn.size()))};
  if (!is_uuid(device.user_id) || !is_uuid(device.device_id)) return std::nullopt;
  return device;
}

}  // namespace

const DeviceAuthority::Known* DeviceAuthority::find(const mls::Credential& credential) const {
  const auto* x509 = std::get_if<mls::X509Credential>(&credential.value);
  if (!x509 || x509->certificates.empty() || x509->certificates.size() > 2) return nullptr;
  if (x509->certificates.size() == 2 && x509->certificates[1] != authority_.der()) return nullptr;

  const Bytes& der = x509->certificates.front();
  const auto found = known_.find(der);
  if (found != known_.end()) return found->second ? &*found->second : nullptr;
  if (known_.size() >= kMostKnown) known_.clear();
  std::optional<Known> known;
  if (const auto certificate = crypto::Certificate::parse(der)) {
    const auto device = read_device(*certificate);
    // Dates are judged where it matters, each time anew: here the certificate is taken as of its first
    // second.
    if (device && certificate->verify_issued_by(authority_, certificate->validity().not_before)) {
      known = Known{*device, certificate->validity()};
    }
  }
  const auto [entry, inserted] = known_.emplace(der, std::move(known));
  return entry->second ? &*entry->second : nullptr;
}

std::optional<Device> DeviceAuthority::device_of(const mls::Credential& credential) const {
  const Known* known = find(credential);
  return known ? std::optional(known->device) : std::nullopt;
}

bool DeviceAuthority::accepts(const mls::Credential& credential, const mls::SignaturePublicKey& key,
                              mls::CredentialRole role) const {
  if (role == mls::CredentialRole::external_sender) {
    return key == server_.signature_key && credential == server_.credential;
  }
  const Known* known = find(credential);
  constexpr std::int64_t kSecond = 1'000'000;  // The last second counts to its end.
  return known && now_ >= known->validity.not_before && now_ < known->validity.not_after + kSecond &&
         authority_.is_valid_at(now_);
}

bool DeviceAuthority::accepts_successor(const mls::Credential& before, const mls::Credential& after) const {
  const auto old_device = device_of(before);
  return old_device && old_device == device_of(after);
}

}  // namespace wardline::conversation
