// What validation needs from the application: the authentication service (RFC 9420 §5.3.1), the time, and
// limits.
#pragma once

#include <optional>

#include "lib/mls/public/credential.h"
#include "lib/mls/public/limits.h"

namespace wardline::mls {

enum class CredentialRole : std::uint8_t { member, external_sender };

/// The authentication service. There is no default: whoever follows or joins a group says whom to believe.
class CredentialValidator {
 public:
  virtual ~CredentialValidator() = default;
  /// Whether the credential rightly belongs with this signature key and names somebody who may have this
  /// role. For x509 the library has already checked that the end-entity certificate certifies the key; the
  /// chain, its dates and revocation are checked here.
  virtual bool accepts(const Credential& credential, const SignaturePublicKey& key,
                       CredentialRole role) const = 0;
  /// Whether a member who was `before` may go on as `after`.
  virtual bool accepts_successor(const Credential& before, const Credential& after) const = 0;
};

/// How the lifetimes of added leaves are judged (§7.2, §7.3). Leaves that are already in a tree are not
/// judged.
struct LifetimeCheck {
  std::uint64_t now = 0;                              ///< seconds since 1970
  std::uint64_t longest_span = 90ULL * 24 * 60 * 60;  ///< from not_before to not_after, seconds
};

/// What a leaf's capabilities must list. Some implementations leave out what a key package of theirs says
/// anyhow: its cipher suite, and the types of its own extensions.
enum class CapabilityLists : std::uint8_t { complete, may_omit_implied };

struct Validation {
  const CredentialValidator& credentials;
  std::optional<LifetimeCheck> lifetimes;  ///< nothing: for messages that were recorded in the past
  Limits limits{};
  CapabilityLists capability_lists = CapabilityLists::complete;
};

}  // namespace wardline::mls
