#include "lib/conversation/device_authority.h"

#include <algorithm>

#include "lib/bytes/text.h"

namespace wardline::conversation {
namespace {

constexpr std::size_t kMostKnown = 1U << 14;
constexpr std::size_t kMostRefused = 1U << 12;
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
      known = Known{*device, certificate->validity(), transparency::hash_of_certificate(der)};
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
         authority_.is_valid_at(now_) && is_logged(*known, credential);
}

bool DeviceAuthority::is_logged(const Known& known, const mls::Credential& credential) const {
  if (known.hash == own_ || log_.is_logged(known.hash)) return true;
  if (refused_.size() >= kMostRefused) refused_.clear();
  const auto& certificates = std::get<mls::X509Credential>(credential.value).certificates;
  refused_.try_emplace(known.hash, transparency::IssuedCertificate{known.device.user_id,
                                                                   known.device.device_id, certificates[0]});
  if (!collector_) return false;
  if (std::ranges::find(collector_->hashes_, known.hash) == collector_->hashes_.end()) {
    collector_->hashes_.push_back(known.hash);
  }
  return collector_->mode_ == UnloggedLeaves::Mode::collect;
}

Outcome<void> DeviceAuthority::prove(const LoggedCertificate& logged) {
  const auto refused = refused_.find(logged.certificate);
  if (refused == refused_.end()) return {};
  if (const auto proven = log_.prove(refused->second, logged.index, logged.proof); !proven) {
    return failed(proven.error());
  }
  refused_.erase(refused);
  return {};
}

bool DeviceAuthority::accepts_successor(const mls::Credential& before, const mls::Credential& after) const {
  const auto old_device = device_of(before);
  return old_device && old_device == device_of(after);
}

UnloggedLeaves::UnloggedLeaves(const DeviceAuthority& authority, Mode mode)
    : authority_(authority), mode_(mode) {
  authority_.collector_ = this;
}

UnloggedLeaves::~UnloggedLeaves() { authority_.collector_ = nullptr; }

void UnloggedLeaves::look_at(const mls::Credential& credential) {
  if (const auto* known = authority_.find(credential)) authority_.is_logged(*known, credential);
}

Outcome<void> UnloggedLeaves::check() const {
  if (hashes_.empty()) return {};
  return std::unexpected(Failure{.code = Code::unlogged_device, .unlogged = hashes_});
}

}  // namespace wardline::conversation
