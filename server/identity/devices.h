// Registered devices: each proves its own key, gets a certificate, and is cut off at once when it is revoked.
#pragma once

#include "server/identity/device_authority.h"
#include "server/identity/sessions.h"

namespace wardline::identity {

struct Device {
  core::DeviceId id;
  core::UserId user;
  std::string name;
  core::Time created_at;
  core::Time last_seen_at;
  std::optional<core::Time> revoked_at;
  Bytes certificate;
};

struct NewDevice {
  core::DeviceId id;  ///< chosen by the device: it stands in its certificate request's proof
  std::string name;
  Bytes signature_key;  ///< P-256, uncompressed
};

/// The answer to a session challenge: what the device key signs is "wardline device session v1" || 0x00 ||
/// challenge.
struct KeyProof {
  Bytes challenge;
  Bytes signature;
};

class Devices {
 public:
  static constexpr std::int64_t kActiveMost = 10;  ///< per person

  Devices(const Environment& environment, Sessions& sessions, const Lifecycle& lifecycle,
          const DeviceAuthority& authority);

  struct Registered {
    Device device;
    std::vector<Bytes> certificate_chain;
    SecretBytes storage_share;
    StartedSession session;
  };
  /// Errors: `unauthenticated` "wrong-proof"; `invalid` "bad-key"; `conflict` "device-exists",
  /// "too-many-devices".
  core::Result<Registered> enrol(const Requester& who, const NewDevice& device, const KeyProof& proof);

  /// The session goes on at a registered device of its owner. Errors: `unauthenticated` "wrong-proof" (also
  /// for devices that are unknown, revoked or somebody else's).
  core::Result<StartedSession> bind_session(const Requester& who, core::DeviceId device,
                                            const KeyProof& proof);

  /// The caller's own, revoked ones included, oldest first.
  core::Result<std::vector<Device>> list(const Requester& who) const;
  core::Result<std::optional<Device>> find(storage::ReadTransaction& tx, core::DeviceId id) const;

  /// Sessions end, delivery stops, what it has stored stays shut. Repeating it changes nothing. Errors:
  /// `not_found`; `denied`.
  core::Result<void> revoke(const Requester& who, core::DeviceId id);
  /// All of a person's, in the transaction that ends the account.
  void revoke_all(storage::Transaction& tx, core::UserId user, core::Time now);

  /// The server's share of the key that opens this device's local store: for the session of an unrevoked
  /// device only.
  core::Result<SecretBytes> storage_share(const Requester& who) const;

  /// People who have an unrevoked device.
  std::vector<core::UserId> people_with_devices(storage::ReadTransaction& tx) const;
  bool has_device(storage::ReadTransaction& tx, core::UserId user) const;
  /// Unrevoked ones of a person whose account is active: those that may be reached.
  std::vector<core::DeviceId> active_devices(storage::ReadTransaction& tx, core::UserId user) const;

 private:
  core::Result<Device> device_of(storage::ReadTransaction& tx, const storage::Row& row) const;
  core::Result<void> check_room(storage::ReadTransaction& tx, core::UserId user,
                                const NewDevice& device) const;
  core::Result<Registered> insert(storage::Transaction& tx, const Requester& who, const NewDevice& device,
                                  const crypto::VerificationKey& key, core::Time now);
  void revoke_one(storage::Transaction& tx, core::UserId owner, core::DeviceId id, core::Time now,
                  SessionEnd why);
  core::Error record_failure(const Requester& who, policy::Action action, core::DeviceId device,
                             core::Error error) const;

  const Environment environment_;
  Sessions& sessions_;
  const Lifecycle& lifecycle_;
  const DeviceAuthority& authority_;
  storage::SealedColumn name_;
  storage::SealedColumn storage_share_;
};

}  // namespace wardline::identity
