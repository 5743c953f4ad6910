// Key packages of devices: uploaded in stock, each claimed once, with a last resort that stays (RFC 9420
// §16.8).
#pragma once

#include "lib/mls/public/key_package.h"
#include "lib/mls/public/leaf_validation.h"
#include "server/delivery/groups.h"
#include "server/delivery/parts.h"

namespace wardline::delivery {

inline constexpr int kMostKeyPackages = 100;

struct KeyPackageStock {
  std::int64_t available = 0;
  bool has_last_resort = false;
};

struct ClaimedKeyPackage {
  core::UserId user;
  core::DeviceId device;
  Bytes key_package;  ///< an encoded MLSMessage
};

struct Claim {
  std::vector<ClaimedKeyPackage> claimed;
  std::vector<core::UserId> without_device;
};

class KeyPackages {
 public:
  KeyPackages(const DeliveryParts& parts, People& people, const LeafOwners& owners)
      : parts_(parts), people_(people), owners_(owners) {}

  /// Adds to the caller's stock; `last_resort` replaces the one before. Errors: "key-package-refused" (422;
  /// `detail` names the rule), "too-many-key-packages" (413).
  core::Result<KeyPackageStock> publish(const policy::Subject& subject, const std::vector<Bytes>& packages,
                                        const std::optional<Bytes>& last_resort);
  core::Result<KeyPackageStock> stock(const policy::Subject& subject);

  /// Takes one package of every active device of these people, but never of the calling device. One that was
  /// handed out is gone, whether it is used or not. Errors: "too-many-people" (413), policy denials per
  /// person.
  core::Result<Claim> claim(const policy::Subject& subject, const std::vector<core::UserId>& users);

 private:
  struct Checked {
    Bytes encoded;
    core::Time expires_at;
    bool last_resort = false;
  };
  core::Result<Checked> check(const policy::Subject& subject, const Bytes& encoded, bool last_resort) const;
  std::optional<Bytes> take_one(storage::Transaction& tx, core::DeviceId device, core::Time now);

  DeliveryParts parts_;
  People& people_;
  const LeafOwners& owners_;
};

}  // namespace wardline::delivery
