#include "client/account/account.h"

#include <chrono>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "client/account/totp.h"
#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::client {

namespace json = boost::json;

namespace {

using Answer = std::expected<json::object, HttpError>;

Answer post(HttpsClient& https, std::string_view path, const json::object& body) {
  const auto text = https.request("POST", path, json::serialize(body));
  if (!text) return std::unexpected(text.error());
  boost::system::error_code bad;
  auto value = json::parse(*text, bad);
  if (bad || !value.is_object())
    return std::unexpected(HttpError{200, "unreadable-answer", "The server's answer is not JSON."});
  return std::move(value.as_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// A challenge of the session's, and the device key's answer to it.
struct DeviceProof {
  std::string challenge;
  std::string signature;
};

std::expected<DeviceProof, HttpError> prove_device(HttpsClient& https, const crypto::SigningKey& key) {
  const auto challenge = post(https, "/v1/session/challenge", {});
  if (!challenge) return std::unexpected(challenge.error());
  std::string text = text_of(*challenge, "challenge");
  const auto bytes = from_base64url(text);
  const auto signature = bytes ? key.sign(session_proof_input(*bytes))
                               : crypto::Result<Bytes>(std::unexpected(crypto::Error::provider_failure));
  if (!signature) return std::unexpected(HttpError{0, "no-device-key", "The device key could not sign."});
  return DeviceProof{std::move(text), to_base64url(*signature)};
}

std::expected<std::string, HttpError> code_now(std::string_view secret) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  auto code = totp_code(secret, now.count());
  if (!code)
    return std::unexpected(HttpError{200, "unreadable-answer", "The one-time code's secret is not base32."});
  return std::move(*code);
}

std::string new_device_id() {
  Bytes bytes = crypto::random_bytes(16);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(now.count() >> (40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

}  // namespace

Bytes session_proof_input(ByteView challenge) {
  Bytes input = to_bytes(as_bytes("wardline device session v1"));
  input.push_back(0);
  append(input, challenge);
  return input;
}

std::expected<DeviceAccount, HttpError> enrol(HttpsClient& https, const Credentials& credentials,
                                              std::string_view device_name) {
  const auto begun = post(https, "/v1/sign-in/password",
                          {{"username", credentials.username}, {"password", credentials.password}});
  if (!begun) return std::unexpected(begun.error());
  const std::string sign_in = text_of(*begun, "sign_in_id");
  const auto factor =
      post(https, "/v1/sign-in/enrol/begin",
           {{"sign_in_id", sign_in}, {"activation_code", credentials.activation_code}, {"factor", "totp"}});
  if (!factor) return std::unexpected(factor.error());
  std::string secret = text_of(*factor, "secret_base32");
  const auto code = code_now(secret);
  if (!code) return std::unexpected(code.error());
  const auto session = post(https, "/v1/sign-in/enrol/totp", {{"sign_in_id", sign_in}, {"code", *code}});
  if (!session) return std::unexpected(session.error());

  auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256);
  if (!key) return std::unexpected(HttpError{0, "no-device-key", "A device key could not be made."});
  const auto proof = prove_device(https, *key);
  if (!proof) return std::unexpected(proof.error());
  const std::string device_id = new_device_id();
  const auto device = post(https, "/v1/devices",
                           {{"device_id", device_id},
                            {"name", device_name},
                            {"signature_key", to_base64url(key->public_key())},
                            {"challenge", proof->challenge},
                            {"signature", proof->signature}});
  if (!device) return std::unexpected(device.error());

  const auto* user = session->if_contains("user");
  DeviceAccount account{user && user->is_object() ? text_of(user->as_object(), "user_id") : std::string(),
                        device_id,
                        std::move(*key),
                        {},
                        SecretBytes(as_bytes(secret))};
  wipe({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
  if (const auto* chain = device->if_contains("certificate_chain"); chain && chain->is_array()) {
    for (const auto& one : chain->as_array()) {
      const auto der = one.is_string() ? from_base64url(std::string_view(one.as_string())) : std::nullopt;
      if (der) account.certificate_chain.push_back(*der);
    }
  }
  return account;
}

std::expected<void, HttpError> sign_in(HttpsClient& https, const Credentials& credentials,
                                       const DeviceAccount& account) {
  const auto begun = post(https, "/v1/sign-in/password",
                          {{"username", credentials.username}, {"password", credentials.password}});
  if (!begun) return std::unexpected(begun.error());
  const auto code = code_now(as_text(account.totp_secret.view()));
  if (!code) return std::unexpected(code.error());
  const auto session =
      post(https, "/v1/sign-in/totp", {{"sign_in_id", text_of(*begun, "sign_in_id")}, {"code", *code}});
  if (!session) return std::unexpected(session.error());
  const auto proof = prove_device(https, account.key);
  if (!proof) return std::unexpected(proof.error());
  const auto bound = post(
      https, "/v1/session/device",
      {{"device_id", account.device_id}, {"challenge", proof->challenge}, {"signature", proof->signature}});
  if (!bound) return std::unexpected(bound.error());
  return {};
}

}  // namespace wardline::client
