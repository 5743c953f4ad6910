#include "client/account/sign_in.h"

#include "client/net/json_call.h"
#include "lib/bytes/text.h"

namespace wardline::client {
namespace {

std::string text_of(const SecretBytes& secret) { return as_text(secret.view()); }

struct Proof {
  std::string challenge;
  std::string signature;
};

std::expected<Proof, HttpError> prove(HttpsClient& https, const crypto::Signer& key) {
  const auto answer = post(https, "/v1/session/challenge", {});
  if (!answer) return std::unexpected(answer.error());
  const auto challenge = answer->read([](Fields f) { return f.binary("challenge"); });
  if (!challenge) return std::unexpected(challenge.error());
  const auto signature = key.sign(session_proof_input(*challenge));
  if (!signature) return std::unexpected(HttpError{0, "no-device-key", "The device key does not sign."});
  return Proof{to_base64url(*challenge), to_base64url(*signature)};
}

}  // namespace

Bytes session_proof_input(ByteView challenge) {
  Bytes input = to_bytes(as_bytes("wardline device session v1"));
  input.push_back(0);
  append(input, challenge);
  return input;
}

std::expected<SignIn, HttpError> SignIn::begin(HttpsClient& https, std::string_view username,
                                               const SecretBytes& password) {
  const auto answer =
      post(https, "/v1/sign-in/password", {{"username", username}, {"password", text_of(password)}});
  if (!answer) return std::unexpected(answer.error());
  return answer->read([&](Fields f) {
    const auto factors = f.texts("factors");
    return SignIn(https, f.text("sign_in_id"), f.choice("next", {"second_factor", "enrol_factor"}) == 1,
                  std::ranges::find(factors, "totp") != factors.end());
  });
}

std::expected<SignedIn, HttpError> SignIn::finish_at(std::string_view path,
                                                     const SecretBytes& one_time_code) {
  const auto answer = post(*https_, path, {{"sign_in_id", id_}, {"code", text_of(one_time_code)}});
  if (!answer) return std::unexpected(answer.error());
  return answer->read([](Fields f) {
    const Fields user = f.object("user");
    return SignedIn{user.id("user_id"), user.text("name")};
  });
}

std::expected<SignedIn, HttpError> SignIn::finish(const SecretBytes& one_time_code) {
  return finish_at("/v1/sign-in/totp", one_time_code);
}

std::expected<OneTimeSecret, HttpError> SignIn::enrol(const SecretBytes& activation_code) {
  const auto answer =
      post(*https_, "/v1/sign-in/enrol/begin",
           {{"sign_in_id", id_}, {"activation_code", text_of(activation_code)}, {"factor", "totp"}});
  if (!answer) return std::unexpected(answer.error());
  return answer->read([](Fields f) { return OneTimeSecret{f.text("secret_base32"), f.text("otpauth_uri")}; });
}

std::expected<SignedIn, HttpError> SignIn::finish_enrolment(const SecretBytes& one_time_code) {
  return finish_at("/v1/sign-in/enrol/totp", one_time_code);
}

std::expected<RegisteredDevice, HttpError> register_device(HttpsClient& https, std::string_view device_id,
                                                           std::string_view name, const crypto::Signer& key) {
  const auto proof = prove(https, key);
  if (!proof) return std::unexpected(proof.error());
  const auto answer = post(https, "/v1/devices",
                           {{"device_id", device_id},
                            {"name", name},
                            {"signature_key", to_base64url(key.public_key())},
                            {"challenge", proof->challenge},
                            {"signature", proof->signature}});
  if (!answer) return std::unexpected(answer.error());
  return answer->read([](Fields f) {
    return RegisteredDevice{f.binaries("certificate_chain"), SecretBytes(f.binary("storage_share"))};
  });
}

std::expected<Bytes, HttpError> prove_device(HttpsClient& https, std::string_view device_id,
                                             const crypto::Signer& key) {
  const auto proof = prove(https, key);
  if (!proof) return std::unexpected(proof.error());
  const auto answer =
      post(https, "/v1/session/device",
           {{"device_id", device_id}, {"challenge", proof->challenge}, {"signature", proof->signature}});
  if (!answer) return std::unexpected(answer.error());
  return answer->read([](Fields f) { return f.object("device").binary("certificate"); });
}

}  // namespace wardline::client
