// Sign-in in one call, for programs that hold their own second factor.
#pragma once

#include "client/account/sign_in.h"

namespace wardline::client {

/// What the organisation hands over (`wardlined demo-data` and `load-accounts` write it).
struct Credentials {
  std::string username;
  std::string password;
  std::string activation_code;
};

struct DeviceAccount {
  std::string user_id;
  std::string device_id;
  crypto::SigningKey key;
  std::vector<Bytes> certificate_chain;  ///< DER, leaf first
  SecretBytes totp_secret;               ///< base32, as enrolment gave it
};

/// First sign-in: enrols a one-time code as second factor, registers a device, and leaves `https` with a
/// device-bound session.
std::expected<DeviceAccount, HttpError> enrol(HttpsClient& https, const Credentials& credentials,
                                              std::string_view device_name);

/// A later sign-in at the same device: password, one-time code, proof of the device key. Leaves `https` with
/// a device-bound session. The server takes each one-time code once: not twice within 30 seconds.
std::expected<void, HttpError> sign_in(HttpsClient& https, const Credentials& credentials,
                                       const DeviceAccount& account);

}  // namespace wardline::client
