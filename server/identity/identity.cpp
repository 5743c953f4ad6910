#include "server/identity/identity.h"

namespace wardline::identity {

core::Result<std::unique_ptr<Identity>> Identity::create(const Environment& environment, Options options) {
  auto authority = DeviceAuthority::open(environment, options.organisation);
  if (!authority) return std::unexpected(authority.error());
  return std::unique_ptr<Identity>(new Identity(environment, std::move(options), std::move(*authority)));
}

Identity::Identity(const Environment& environment, Options options, DeviceAuthority authority)
    : environment_(environment),
      options_(std::move(options)),
      hasher_(options_.password, options_.password_limits),
      sessions_(environment_, lifecycle_, options_.sessions),
      authority_(std::move(authority)),
      devices_(environment_, sessions_, lifecycle_, authority_),
      accounts_(environment_, sessions_, devices_, lifecycle_),
      administration_(environment_, accounts_),
      sign_in_(environment_, hasher_, sessions_, options_.relying_party),
      factors_(environment_, options_.relying_party) {}

core::Result<void> Identity::purge() {
  if (const auto expired = sessions_.purge(); !expired) return std::unexpected(expired.error());
  return sign_in_.purge();
}

}  // namespace wardline::identity
