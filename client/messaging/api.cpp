// Calls about this device: its session, its certificate, its key packages.
#include "client/messaging/api.h"

#include "client/messaging/api_answer.h"
#include "lib/bytes/text.h"

namespace wardline::client {

Outcome<Answer> Api::call(std::string_view method, const std::string& path, const json::object* body) {
  auto answer = client::call(https_, method, path, body);
  if (!answer && renew_ && Error(answer.error()).is_session_loss()) {
    if (auto renewed = renew_(); !renewed) return std::unexpected(renewed.error());
    answer = client::call(https_, method, path, body);
  }
  if (!answer) return failed(answer);
  return std::move(*answer);
}

Outcome<SecretBytes> Api::storage_share() {
  return read(call("GET", "/v1/devices/storage-share"),
              [](Fields f) { return SecretBytes(f.binary("storage_share")); });
}

Outcome<DeliveryService> Api::delivery_service() {
  return read(call("GET", "/v1/delivery-service"), [](Fields f) {
    return DeliveryService{f.binary("external_sender"), f.binary("device_ca"), f.text("device_log_key"),
                           static_cast<std::uint16_t>(f.number("cipher_suite"))};
  });
}

Outcome<std::vector<RegisteredDeviceView>> Api::devices() {
  return read(call("GET", "/v1/devices"), [](Fields f) {
    std::vector<RegisteredDeviceView> devices;
    for (const Fields& each : f.objects("devices")) {
      devices.push_back({each.id("device_id"), each.text("name"), each.number("created_at"),
                         each.optional_number("last_seen_at").value_or(0),
                         each.optional_number("revoked_at")});
    }
    return devices;
  });
}

Outcome<void> Api::revoke_device(const std::string& device_id) {
  return done(post("/v1/devices/" + device_id + "/revoke", {}));
}

Outcome<KeyPackageStock> Api::key_packages() {
  return read(call("GET", "/v1/key-packages"),
              [](Fields f) { return KeyPackageStock{f.number("available"), f.truth("has_last_resort")}; });
}

Outcome<void> Api::put_key_packages(const std::vector<Bytes>& key_packages,
                                    const std::optional<Bytes>& last_resort) {
  json::array packages;
  for (const Bytes& each : key_packages) packages.push_back(json::string(to_base64url(each)));
  json::object body{{"key_packages", std::move(packages)}};
  if (last_resort) body["last_resort"] = to_base64url(*last_resort);
  return done(call("PUT", "/v1/key-packages", &body));
}

Outcome<Claim> Api::claim_key_packages(const std::string& conversation_id,
                                       const std::vector<std::string>& user_ids) {
  return read(
      post("/v1/key-packages/claim", {{"conversation_id", conversation_id}, {"user_ids", texts(user_ids)}}),
      [](Fields f) {
        Claim claim{{}, f.ids("without_device")};
        for (const Fields& each : f.objects("claimed")) {
          claim.claimed.push_back({each.id("user_id"), each.id("device_id"), each.binary("key_package")});
        }
        return claim;
      });
}

}  // namespace wardline::client
