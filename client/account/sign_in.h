// A person's way in from a program, step by step: password, second factor, device.
#pragma once

#include "client/net/https_client.h"
#include "lib/crypto/signature.h"

namespace wardline::client {

/// The second factor that enrolment begins: what an authenticator app takes.
struct OneTimeSecret {
  std::string base32;
  std::string uri;  ///< otpauth://
};

/// Who has signed in. The session's cookie is with the HttpsClient.
struct SignedIn {
  std::string user_id;
  std::string name;
};

class SignIn {
 public:
  /// `https` outlives the object. `wrong-credentials`, `locked-out`.
  static std::expected<SignIn, HttpError> begin(HttpsClient& https, std::string_view username,
                                                const SecretBytes& password);

  /// No second factor exists yet: the activation code that the organisation handed over stands in for it.
  bool needs_enrolment() const { return needs_enrolment_; }
  /// A one-time code is among the factors; if not, this account signs in with a passkey, in a browser.
  bool takes_one_time_code() const { return takes_one_time_code_; }

  std::expected<SignedIn, HttpError> finish(const SecretBytes& one_time_code);

  std::expected<OneTimeSecret, HttpError> enrol(const SecretBytes& activation_code);
  /// With a code made from the secret that `enrol` gave.
  std::expected<SignedIn, HttpError> finish_enrolment(const SecretBytes& one_time_code);

 private:
  SignIn(HttpsClient& https, std::string id, bool needs_enrolment, bool takes_one_time_code)
      : https_(&https),
        id_(std::move(id)),
        needs_enrolment_(needs_enrolment),
        takes_one_time_code_(takes_one_time_code) {}
  std::expected<SignedIn, HttpError> finish_at(std::string_view path, const SecretBytes& one_time_code);

  HttpsClient* https_;
  std::string id_;
  bool needs_enrolment_;
  bool takes_one_time_code_;
};

struct RegisteredDevice {
  std::vector<Bytes> certificate_chain;  ///< DER, leaf first
  SecretBytes storage_share;
};

/// Makes the key a device of whoever has signed in, and binds the session to it. `device-exists` if the id is
/// known.
std::expected<RegisteredDevice, HttpError> register_device(HttpsClient& https, std::string_view device_id,
                                                           std::string_view name, const crypto::Signer& key);

/// Proves that this is the registered device and binds the session to it; gives its certificate.
/// `wrong-proof` if it is not, or not any more.
std::expected<Bytes, HttpError> prove_device(HttpsClient& https, std::string_view device_id,
                                             const crypto::Signer& key);

/// What the device key signs to prove itself (docs/api.md).
Bytes session_proof_input(ByteView challenge);

}  // namespace wardline::client
