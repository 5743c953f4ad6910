#include "server/app/delivery_people.h"

#include "lib/crypto/x509/certificate.h"

namespace wardline::app {

std::vector<core::DeviceId> DeliveryPeople::active_devices(storage::ReadTransaction& tx, core::UserId user) {
  return identity_.devices().active_devices(tx, user);
}

bool DeliveryPeople::is_active_device(storage::ReadTransaction& tx, core::UserId user,
                                      core::DeviceId device) {
  const auto devices = active_devices(tx, user);
  return std::ranges::find(devices, device) != devices.end();
}

std::optional<policy::Recipient> DeliveryPeople::recipient(storage::ReadTransaction& tx, core::UserId from,
                                                           core::UserId to,
                                                           std::optional<core::PatientId> patient) {
  auto recipient = directory_.recipient(tx, from, to);
  if (recipient && patient) recipient->on_care_team = patients_.is_on_care_team(tx, *patient, to);
  return recipient;
}

std::optional<delivery::PatientMatch> DeliveryPeople::find_match(core::UserId user,
                                                                 std::string_view match_id) {
  const auto match = patients_.find_match(user, match_id);
  if (!match || !*match) return std::nullopt;
  return delivery::PatientMatch{(*match)->patient, (*match)->matched_on};
}

std::optional<delivery::People::Owner> DeliveryPeople::owner_of(const mls::Credential& credential,
                                                                core::Time now) const {
  const auto* x509 = std::get_if<mls::X509Credential>(&credential.value);
  if (!x509 || x509->certificates.empty()) return std::nullopt;
  const auto certificate = crypto::Certificate::parse(x509->certificates.front());
  if (!certificate) return std::nullopt;
  if (!certificate->verify_issued_by(identity_.authority().certificate(), now.microseconds))
    return std::nullopt;
  // docs/api.md: the common name is the user, the URI the device.
  const auto user = core::UserId::parse(certificate->common_name());
  constexpr std::string_view kScheme = "urn:uuid:";
  for (const std::string& uri : certificate->uris()) {
    if (!uri.starts_with(kScheme)) continue;
    const auto device = core::DeviceId::parse(std::string_view(uri).substr(kScheme.size()));
    if (user && device) return Owner{*user, *device};
  }
  return std::nullopt;
}

}  // namespace wardline::app
