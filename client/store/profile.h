// The folder in which a device lives: who it is, its session, and its sealed state. One process at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/store/error.h"
#include "lib/bytes/secret_bytes.h"
#include "lib/tls_codec/codec.h"

namespace wardline::client {

/// What must be readable before the server has been asked for its half of the key.
struct DeviceIdentity {
  std::string server;  ///< "https://host:port"
  std::string user_id;
  std::string device_id;
  SecretBytes signing_key;                    ///< raw P-256 scalar
  SecretBytes local_secret;                   ///< the device's half of the key of its state
  std::vector<Bytes> certificate_chain = {};  ///< DER, leaf first; empty until the server has registered it
  WARDLINE_TLS_FIELDS(server, user_id, device_id, signing_key, local_secret, certificate_chain)
};

class Profile {
 public:
  /// Opens the folder, making it for its owner alone where there is none, and keeps it locked for as long as
  /// the object lives. `too_open` if others may read or enter it; `in_use` if another process has it.
  static StoreResult<Profile> open(const std::filesystem::path& folder);
  ~Profile();
  Profile(Profile&& other) noexcept;
  Profile& operator=(Profile&&) = delete;

  /// `absent` before the first sign-in.
  StoreResult<DeviceIdentity> device() const;
  StoreResult<void> keep_device(const DeviceIdentity& device);

  /// The session cookie, "name=value"; empty if there is none.
  std::string session() const;
  StoreResult<void> keep_session(const std::string& cookie);

  /// PEM of the authority that this profile believes instead of the system's, where there is one.
  std::filesystem::path server_certificate() const { return folder_ / "server.pem"; }
  StoreResult<void> keep_server_certificate(const std::filesystem::path& pem);

  std::filesystem::path state_file() const { return folder_ / "state.db"; }
  /// Forgets the device, its session and its state. The server's certificate stays.
  StoreResult<void> erase();

 private:
  Profile(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace wardline::client
