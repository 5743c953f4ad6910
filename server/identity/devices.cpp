#include "server/identity/devices.h"

#include "lib/crypto/random.h"
#include "lib/transparency/entry.h"

namespace wardline::identity {
namespace {

using policy::Action;

constexpr std::string_view kProofLabel = "wardline device session v1";
constexpr std::size_t kStorageShareSize = 32;

std::unexpected<core::Error> wrong_proof() {
  return core::fail(core::ErrorKind::unauthenticated, "wrong-proof",
                    "This device could not prove that it holds its key. Reload and try again.");
}

bool is_signed_by(const crypto::VerificationKey& key, const KeyProof& proof) {
  const Bytes message = concat(as_bytes(kProofLabel), Bytes{0}, proof.challenge);
  return key.verify(message, proof.signature).has_value();
}

}  // namespace

Devices::Devices(const Environment& environment, Sessions& sessions, const Lifecycle& lifecycle,
                 const DeviceAuthority& authority)
    : environment_(environment),
      sessions_(sessions),
      lifecycle_(lifecycle),
      authority_(authority),
      name_(environment.keys, "identity", "devices", "name"),
      storage_share_(environment.keys, "identity", "devices", "storage_share") {}

core::Error Devices::record_failure(const Requester& who, Action action, core::DeviceId device,
                                    core::Error error) const {
  const auto recorded = environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    auto entry = entry_by(who, action, audit::Outcome::failed, environment_.clock.now());
    entry.reason = audit::Code::of(error);
    entry.objects = {device};
    audit::append(tx, entry);
    return {};
  });
  return recorded ? error : recorded.error();
}

core::Result<void> Devices::check_room(storage::ReadTransaction& tx, core::UserId user,
                                       const NewDevice& device) const {
  if (!tx.query("SELECT 1 FROM devices WHERE device_id = $1 OR signature_key = $2", device.id,
                device.signature_key)
           .empty()) {
    return core::fail(core::ErrorKind::conflict, "device-exists",
                      "A device with this id or key is registered already.");
  }
  const auto active = tx.query_value<std::int64_t>(
      "SELECT count(*) FROM devices WHERE user_id = $1 AND revoked_at IS NULL", user);
  if (active.value_or(0) >= kActiveMost) {
    return core::fail(core::ErrorKind::conflict, "too-many-devices",
                      "Revoke a device that you no longer use first.", {{"most", kActiveMost}});
  }
  return {};
}

core::Result<Devices::Registered> Devices::insert(storage::Transaction& tx, const Requester& who,
                                                  const NewDevice& device, const crypto::VerificationKey& key,
                                                  core::Time now) {
  auto certificate = authority_.issue(who.subject.user, device.id, key, now);
  if (!certificate) return std::unexpected(certificate.error());
  SecretBytes share = crypto::random_secret(kStorageShareSize);
  const auto scope = organisation_scope();
  tx.execute(
      "INSERT INTO devices (device_id, user_id, name, signature_key, certificate, storage_share, created_at, "
      "last_seen_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
      device.id, who.subject.user, name_.seal(tx, scope, device.id.view(), device.name).stored(),
      device.signature_key, *certificate,
      storage_share_.seal(tx, scope, device.id.view(), share.view()).stored(), now);
  const std::string logged =
      transparency::encode_entry({who.subject.user.to_string(), device.id.to_string(), *certificate});
  audit::append(tx, audit::kDeviceLog, std::span(&logged, 1));
  auto bound = sessions_.bind(tx, who.subject.session.value(), device.id, now);
  if (!bound) return std::unexpected(bound.error());
  return Registered{
      .device = {device.id, who.subject.user, device.name, now, now, std::nullopt, *certificate},
      .certificate_chain = {*certificate, authority_.certificate().der()},
      .storage_share = std::move(share),
      .session = std::move(*bound)};
}

core::Result<Devices::Registered> Devices::enrol(const Requester& who, const NewDevice& device,
                                                 const KeyProof& proof) {
  const auto permitted =
      authorize<Action::device_enrol>(environment_, who, {.owner = who.subject.user}, {device.id});
  if (!permitted) return std::unexpected(permitted.error());
  const auto key =
      crypto::VerificationKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, device.signature_key);
  if (!key || device.id.is_nil()) {
    return core::fail(core::ErrorKind::invalid, "bad-key",
                      "The signature key is no uncompressed P-256 point.");
  }
  auto registered = write_attempt<Registered>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<Registered>> {
        const core::Time now = environment_.clock.now();
        if (!Sessions::use_challenge(tx, who.subject.session.value(), proof.challenge, now) ||
            !is_signed_by(*key, proof)) {
          return Attempt<Registered>{wrong_proof()};  // Commits: the challenge is used up.
        }
        if (auto room = check_room(tx, who.subject.user, device); !room)
          return Attempt<Registered>{std::unexpected(room.error())};
        auto inserted = insert(tx, who, device, *key, now);
        if (!inserted) return std::unexpected(inserted.error());
        auto entry = entry_by(who, Action::device_enrol, permitted->decision(), now);
        entry.objects = {device.id};
        auto issued = audit::Entry::by_system(audit::SystemAct::certificate_issue, audit::Outcome::done, now);
        issued.objects = {device.id, who.subject.user};
        audit::append(tx, entry);
        audit::append(tx, issued);
        tx.after_commit([this, user = who.subject.user] { lifecycle_.account_changed(user); });
        return Attempt<Registered>{std::move(inserted)};
      });
  if (registered) return registered;
  return std::unexpected(record_failure(who, Action::device_enrol, device.id, registered.error()));
}

core::Result<StartedSession> Devices::bind_session(const Requester& who, core::DeviceId device,
                                                   const KeyProof& proof) {
  const auto permitted =
      authorize<Action::session_bind_device>(environment_, who, {.owner = who.subject.user}, {device});
  if (!permitted) return std::unexpected(permitted.error());
  auto bound = write_attempt<StartedSession>(
      environment_.database, [&](storage::Transaction& tx) -> core::Result<Attempt<StartedSession>> {
        const core::Time now = environment_.clock.now();
        const auto raw = tx.query_value<Bytes>(
            "SELECT signature_key FROM devices WHERE device_id = $1 AND user_id = $2 AND revoked_at IS NULL",
            device, who.subject.user);
        const bool challenged =
            Sessions::use_challenge(tx, who.subject.session.value(), proof.challenge, now);
        if (!raw || !challenged) return Attempt<StartedSession>{wrong_proof()};
        const auto key =
            crypto::VerificationKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, *raw);
        if (!key || !is_signed_by(*key, proof)) return Attempt<StartedSession>{wrong_proof()};
        auto started = sessions_.bind(tx, who.subject.session.value(), device, now);
        if (!started) return std::unexpected(started.error());
        auto entry = entry_by(who, Action::session_bind_device, permitted->decision(), now);
        entry.objects = {device};
        audit::append(tx, entry);
        return Attempt<StartedSession>{std::move(started)};
      });
  if (bound) return bound;
  return std::unexpected(record_failure(who, Action::session_bind_device, device, bound.error()));
}

core::Result<Device> Devices::device_of(storage::ReadTransaction& tx, const storage::Row& row) const {
  Device device;
  device.id = row.get<core::DeviceId>(0);
  device.user = row.get<core::UserId>(1);
  const auto name = name_.open(tx, device.id.view(), row.get<storage::Sealed>(2));
  if (!name) return std::unexpected(name.error());
  device.name = name->text();
  device.created_at = row.get<core::Time>(3);
  device.last_seen_at = row.get<core::Time>(4);
  device.revoked_at = row.get<std::optional<core::Time>>(5);
  device.certificate = row.get<Bytes>(6);
  return device;
}

core::Result<std::vector<Device>> Devices::list(const Requester& who) const {
  const auto permitted = authorize<Action::device_read>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<Device>> {
    std::vector<Device> devices;
    const auto rows = tx.query(
        "SELECT device_id, user_id, name, created_at, last_seen_at, revoked_at, certificate FROM devices "
        "WHERE user_id = $1 ORDER BY created_at, device_id",
        who.subject.user);
    for (const auto row : rows) {
      auto device = device_of(tx, row);
      if (!device) return std::unexpected(device.error());
      devices.push_back(std::move(*device));
    }
    return devices;
  });
}

core::Result<std::optional<Device>> Devices::find(storage::ReadTransaction& tx, core::DeviceId id) const {
  const auto rows = tx.query(
      "SELECT device_id, user_id, name, created_at, last_seen_at, revoked_at, certificate FROM devices "
      "WHERE device_id = $1",
      id);
  if (rows.empty()) return std::nullopt;
  return device_of(tx, rows.front());
}

core::Result<void> Devices::revoke(const Requester& who, core::DeviceId id) {
  const auto owner =
      environment_.database.read([&](storage::ReadTransaction& tx) -> core::Result<core::UserId> {
        const auto user =
            tx.query_value<core::UserId>("SELECT user_id FROM devices WHERE device_id = $1", id);
        if (!user)
          return core::fail(core::ErrorKind::not_found, "device-not-found", "There is no such device.");
        return *user;
      });
  if (!owner) return std::unexpected(owner.error());
  const auto permitted = authorize<Action::device_revoke>(environment_, who, {.owner = *owner}, {id});
  if (!permitted) return std::unexpected(permitted.error());
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<void> {
    const core::Time now = environment_.clock.now();
    revoke_one(tx, *owner, id, now, SessionEnd::device_revoked);
    auto entry = entry_by(who, Action::device_revoke, permitted->decision(), now);
    entry.objects = {id, *owner};
    audit::append(tx, entry);
    return {};
  });
}

void Devices::revoke_one(storage::Transaction& tx, core::UserId owner, core::DeviceId id, core::Time now,
                         SessionEnd why) {
  const auto changed =
      tx.execute("UPDATE devices SET revoked_at = $2 WHERE device_id = $1 AND revoked_at IS NULL", id, now);
  if (changed == 0) return;
  sessions_.end_all(tx, id, why);
  lifecycle_.device_revoked(tx, owner, id);
  tx.after_commit([this, owner] { lifecycle_.account_changed(owner); });
}

void Devices::revoke_all(storage::Transaction& tx, core::UserId user, core::Time now) {
  const auto rows = tx.query("SELECT device_id FROM devices WHERE user_id = $1 AND revoked_at IS NULL", user);
  for (const auto row : rows)
    revoke_one(tx, user, row.get<core::DeviceId>(0), now, SessionEnd::account_ended);
}

core::Result<SecretBytes> Devices::storage_share(const Requester& who) const {
  const auto permitted =
      authorize<Action::storage_share_read>(environment_, who, {.owner = who.subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  const core::DeviceId device = who.subject.device.value();
  return environment_.database.write([&](storage::Transaction& tx) -> core::Result<SecretBytes> {
    const auto sealed = tx.query_value<storage::Sealed>(
        "SELECT storage_share FROM devices WHERE device_id = $1 AND user_id = $2 AND revoked_at IS NULL",
        device, who.subject.user);
    if (!sealed)
      return core::fail(core::ErrorKind::denied, "device-revoked", "This device has been revoked.");
    const auto share = storage_share_.open(tx, device.view(), *sealed);
    if (!share) return std::unexpected(share.error());
    audit::append(tx,
                  entry_by(who, Action::storage_share_read, permitted->decision(), environment_.clock.now()));
    return SecretBytes(share->view());
  });
}

std::vector<core::UserId> Devices::people_with_devices(storage::ReadTransaction& tx) const {
  std::vector<core::UserId> users;
  const auto rows = tx.query("SELECT DISTINCT user_id FROM devices WHERE revoked_at IS NULL");
  for (const auto row : rows) users.push_back(row.get<core::UserId>(0));
  return users;
}

bool Devices::has_device(storage::ReadTransaction& tx, core::UserId user) const {
  return !tx.query("SELECT 1 FROM devices WHERE user_id = $1 AND revoked_at IS NULL LIMIT 1", user).empty();
}

std::vector<core::DeviceId> Devices::active_devices(storage::ReadTransaction& tx, core::UserId user) const {
  std::vector<core::DeviceId> devices;
  for (const auto row :
       tx.query("SELECT device_id FROM devices WHERE user_id = $1 AND revoked_at IS NULL ORDER BY device_id",
                user)) {
    devices.push_back(row.get<core::DeviceId>(0));
  }
  return devices;
}

}  // namespace wardline::identity
