#include "server/delivery/key_packages.h"

#include <algorithm>

#include "lib/mls/public/framing.h"

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

constexpr std::size_t kMostPeoplePerClaim = 500;
constexpr std::size_t kMostBytes = 16U << 10;

std::unexpected<core::Error> refused(std::string_view why) {
  return fail(ErrorKind::rejected, "key-package-refused",
              "A key package was refused: " + std::string(why) + ".");
}

KeyPackageStock read_stock(storage::ReadTransaction& tx, core::DeviceId device, core::Time now) {
  const auto row = tx.query(
      "SELECT COUNT(CASE WHEN last_resort THEN NULL ELSE 1 END), COUNT(CASE WHEN last_resort THEN 1 END) "
      "FROM key_packages WHERE device_id = $1 AND expires_at > $2",
      device, now);
  return {row.front().get<std::int64_t>(0), row.front().get<std::int64_t>(1) > 0};
}

void insert(storage::Transaction& tx, const policy::Subject& subject, ByteView encoded, core::Time expires_at,
            bool last_resort) {
  tx.execute(
      "INSERT INTO key_packages (key_package_id, device_id, user_id, last_resort, expires_at, key_package) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      core::new_id<core::KeyPackageId>(), subject.device.value(), subject.user, last_resort, expires_at,
      encoded);
}

}  // namespace

core::Result<KeyPackages::Checked> KeyPackages::check(const policy::Subject& subject, const Bytes& encoded,
                                                      bool last_resort) const {
  if (encoded.size() > kMostBytes) return refused("it is larger than 16 KB");
  const auto message = tls::decode<mls::MlsMessage>(encoded);
  const auto* package = message ? message->as<mls::KeyPackage>() : nullptr;
  if (!package) return refused("it is not an MLS key package");
  const auto parameters = mls::GroupParameters::create(mls::ProtocolVersion::mls10, kCipherSuite);
  if (!parameters) return refused("its cipher suite is not in use here");
  const core::Time now = parts_.clock.now();
  if (const auto valid = mls::validate_key_package(*package, *parameters, validation_at(owners_, now));
      !valid) {
    return refused(mls::text_of(valid.error().rule));
  }
  const auto owner = people_.owner_of(package->leaf_node.credential, now);
  if (!owner || owner->device != subject.device || owner->user != subject.user) {
    return refused("its certificate is not that of this device");
  }
  const auto seconds = std::min<std::uint64_t>(package->leaf_node.lifetime.not_after, 1ULL << 40);
  return Checked{encoded, core::Time{static_cast<std::int64_t>(seconds) * 1'000'000}, last_resort};
}

core::Result<KeyPackageStock> KeyPackages::publish(const policy::Subject& subject,
                                                   const std::vector<Bytes>& packages,
                                                   const std::optional<Bytes>& last_resort) {
  const auto permitted =
      policy::authorize<policy::Action::key_package_publish>(parts_.policy, subject, {.owner = subject.user});
  if (!permitted) return std::unexpected(permitted.error());
  if (packages.size() > kMostKeyPackages) {
    return fail(ErrorKind::too_large, "too-many-key-packages", "A device keeps at most 100 key packages.");
  }
  std::vector<Checked> checked;
  for (const Bytes& package : packages) {
    auto one = check(subject, package, false);
    if (!one) return std::unexpected(std::move(one.error()));
    checked.push_back(std::move(*one));
  }
  if (last_resort) {
    auto one = check(subject, *last_resort, true);
    if (!one) return std::unexpected(std::move(one.error()));
    checked.push_back(std::move(*one));
  }
  return parts_.database.write([&](storage::Transaction& tx) -> core::Result<KeyPackageStock> {
    const core::Time now = parts_.clock.now();
    tx.execute("DELETE FROM key_packages WHERE device_id = $1 AND expires_at <= $2", subject.device.value(),
               now);
    if (last_resort)
      tx.execute("DELETE FROM key_packages WHERE device_id = $1 AND last_resort", subject.device.value());
    for (const Checked& one : checked) insert(tx, subject, one.encoded, one.expires_at, one.last_resort);
    const KeyPackageStock now_there = read_stock(tx, subject.device.value(), now);
    if (now_there.available > kMostKeyPackages) {
      return fail(ErrorKind::too_large, "too-many-key-packages", "A device keeps at most 100 key packages.");
    }
    parts_.journal.key_packages_published(tx, subject, std::ssize(checked));
    return now_there;
  });
}

core::Result<KeyPackageStock> KeyPackages::stock(const policy::Subject& subject) {
  return parts_.database.read([&](storage::ReadTransaction& tx) -> core::Result<KeyPackageStock> {
    return read_stock(tx, subject.device.value(), parts_.clock.now());
  });
}

std::optional<Bytes> KeyPackages::take_one(storage::Transaction& tx, core::DeviceId device, core::Time now) {
  const auto rows = tx.query(
      "SELECT key_package_id, last_resort, key_package FROM key_packages WHERE device_id = $1 AND expires_at "
      "> $2 "
      "ORDER BY last_resort, key_package_id LIMIT 1",
      device, now);
  if (rows.empty()) return std::nullopt;
  // LESSONS 6: claimed and deleted in one transaction; only the last resort is handed out again.
  if (!rows.front().get<bool>(1)) {
    tx.execute("DELETE FROM key_packages WHERE key_package_id = $1", rows.front().get<core::KeyPackageId>(0));
  }
  return rows.front().get<Bytes>(2);
}

core::Result<Claim> KeyPackages::claim(const policy::Subject& subject,
                                       const std::vector<core::UserId>& users) {
  if (users.size() > kMostPeoplePerClaim) {
    return fail(ErrorKind::too_large, "too-many-people", "At most 500 people can be added at once.");
  }
  return parts_.database.write([&](storage::Transaction& tx) -> core::Result<Claim> {
    const core::Time now = parts_.clock.now();
    Claim claim;
    for (const core::UserId& user : users) {
      const auto recipient = people_.recipient(tx, subject.user, user, std::nullopt);
      if (!recipient) return fail(ErrorKind::not_found, "person-not-found", "There is no such person.");
      const auto permitted = policy::authorize<policy::Action::key_package_claim>(
          parts_.policy, subject, {.owner = user, .recipient = recipient});
      if (!permitted) return std::unexpected(permitted.error());
      bool any = false;
      for (const core::DeviceId& device : people_.active_devices(tx, user)) {
        if (device == subject.device) continue;
        auto package = take_one(tx, device, now);
        if (!package) continue;
        claim.claimed.push_back({user, device, std::move(*package)});
        any = true;
      }
      if (!any && user != subject.user) claim.without_device.push_back(user);
    }
    parts_.journal.key_packages_claimed(tx, subject, users);
    return claim;
  });
}

}  // namespace wardline::delivery
