// A key package together with its private keys: made by a device, kept sealed until a Welcome uses it.
#pragma once

#include "lib/crypto/hpke.h"
#include "lib/crypto/signature.h"
#include "lib/mls/member/sealed.h"
#include "lib/mls/public/key_package.h"

namespace wardline::mls {

/// What a device says about itself in its leaves (RFC 9420 §7.2), beyond its keys.
struct LeafDescription {
  Credential credential;
  Capabilities capabilities;
  Extensions extensions;

  WARDLINE_TLS_FIELDS(credential, capabilities, extensions)

  /// The capabilities of this implementation: version and suites that it has, and the credential's type.
  static Capabilities default_capabilities(const Credential& credential);
};

/// Puts a description into a leaf.
void describe(LeafNode& leaf, const LeafDescription& description);
/// A leaf for a key package, still to be signed.
LeafNode make_leaf(const LeafDescription& description, const crypto::HpkePrivateKey& key,
                   const crypto::Signer& signer);
/// Signs a leaf (RFC 9420 §7.2). `group_id` and `index` matter only if the leaf's source is update or commit.
Result<void> sign_leaf(LeafNode& leaf, const crypto::Signer& signer, ByteView group_id, LeafIndex index);

class KeyPackageBundle {
 public:
  /// RFC 9420 §10: fresh init and leaf keys, signed by the device. `Rule::signer_matches_suite` if the
  /// signer's algorithm is not the suite's.
  static Result<KeyPackageBundle> create(const Suite& suite, const crypto::Signer& signer,
                                         const LeafDescription& description, Lifetime lifetime,
                                         Extensions extensions = {});
  /// From keys that exist already. `Rule::key_package_keys` if they are not those of the key package.
  static Result<KeyPackageBundle> from_keys(KeyPackage key_package, crypto::HpkePrivateKey init_key,
                                            crypto::HpkePrivateKey leaf_key);

  const Suite& suite() const { return *suite_; }
  const KeyPackage& key_package() const { return key_package_; }
  const KeyPackageRef& reference() const { return reference_; }
  const crypto::HpkePrivateKey& init_key() const { return init_key_; }
  const crypto::HpkePrivateKey& leaf_key() const { return leaf_key_; }

  Result<Bytes> seal(const SealingKey& key) const;
  static Result<KeyPackageBundle> unseal(const SealingKey& key, ByteView sealed);

 private:
  KeyPackageBundle(const Suite& suite, KeyPackage key_package, crypto::HpkePrivateKey init_key,
                   crypto::HpkePrivateKey leaf_key);
  const Suite* suite_;
  KeyPackage key_package_;
  KeyPackageRef reference_;
  crypto::HpkePrivateKey init_key_;
  crypto::HpkePrivateKey leaf_key_;
};

}  // namespace wardline::mls
