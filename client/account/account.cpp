#include "client/account/account.h"

#include <chrono>

#include "client/account/totp.h"
#include "client/account/uuid.h"

namespace wardline::client {
namespace {

std::expected<SecretBytes, HttpError> code_now(std::string_view secret) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto code = totp_code(secret, now.count());
  if (!code)
    return std::unexpected(HttpError{0, "unreadable-answer", "The one-time code's secret is not base32."});
  return SecretBytes(as_bytes(*code));
}

std::expected<SignIn, HttpError> begin(HttpsClient& https, const Credentials& credentials) {
  return SignIn::begin(https, credentials.username, SecretBytes(as_bytes(credentials.password)));
}

}  // namespace

std::expected<DeviceAccount, HttpError> enrol(HttpsClient& https, const Credentials& credentials,
                                              std::string_view device_name) {
  auto sign_in = begin(https, credentials);
  if (!sign_in) return std::unexpected(sign_in.error());
  const auto secret = sign_in->enrol(SecretBytes(as_bytes(credentials.activation_code)));
  if (!secret) return std::unexpected(secret.error());
  const auto code = code_now(secret->base32);
  if (!code) return std::unexpected(code.error());
  const auto who = sign_in->finish_enrolment(*code);
  if (!who) return std::unexpected(who.error());

  auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256);
  if (!key) return std::unexpected(HttpError{0, "no-device-key", "A device key could not be made."});
  std::string device_id = new_uuid();
  auto device = register_device(https, device_id, device_name, *key);
  if (!device) return std::unexpected(device.error());
  return DeviceAccount{who->user_id, std::move(device_id), std::move(*key),
                       std::move(device->certificate_chain), SecretBytes(as_bytes(secret->base32))};
}

std::expected<void, HttpError> sign_in(HttpsClient& https, const Credentials& credentials,
                                       const DeviceAccount& account) {
  auto sign_in = begin(https, credentials);
  if (!sign_in) return std::unexpected(sign_in.error());
  const auto code = code_now(as_text(account.totp_secret.view()));
  if (!code) return std::unexpected(code.error());
  if (const auto who = sign_in->finish(*code); !who) return std::unexpected(who.error());
  if (const auto bound = prove_device(https, account.device_id, account.key); !bound)
    return std::unexpected(bound.error());
  return {};
}

}  // namespace wardline::client
