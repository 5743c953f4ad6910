// Pre-shared keys (RFC 9420 §8.4): secrets from elsewhere that a commit or a Welcome mixes into the key
// schedule.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "lib/mls/public/error.h"
#include "lib/mls/public/proposal.h"

namespace wardline::mls {

/// Where the application keeps its PSKs: external ones, and resumption PSKs of groups that this group
/// continues.
class PskStore {
 public:
  virtual ~PskStore() = default;
  /// The secret that `id` names, or nothing. The nonce of the id plays no part in finding it.
  virtual std::optional<SecretBytes> find(const PreSharedKeyId& id) const = 0;
};

struct Psk {
  PreSharedKeyId id;
  SecretBytes secret;
};

/// Finds the secrets that `ids` name: in `known`, then in `store` (nullptr: there is none).
/// `Rule::psk_available` if one is missing.
using KnownPsks = std::function<std::optional<SecretBytes>(const PreSharedKeyId&)>;
Result<std::vector<Psk>> find_psks(std::span<const PreSharedKeyId> ids, const KnownPsks& known,
                                   const PskStore* store);

/// RFC 9420 §8.4: all PSKs, in the order in which they are named, as one secret. KDF.Nh zeros for none.
SecretBytes derive_psk_secret(const Suite& suite, std::span<const Psk> psks);

}  // namespace wardline::mls
