#include "lib/mls/member/key_package_bundle.h"

#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

struct StoredBundle {
  KeyPackage key_package;
  SecretBytes init_key;
  SecretBytes leaf_key;
  WARDLINE_TLS_FIELDS(key_package, init_key, leaf_key)
};

}  // namespace

Capabilities LeafDescription::default_capabilities(const Credential& credential) {
  Capabilities capabilities;
  capabilities.versions = {ProtocolVersion::mls10};
  for (std::uint16_t id = 1; id <= 7; ++id) {
    if (crypto::find_suite(CipherSuite{id})) capabilities.cipher_suites.push_back(CipherSuite{id});
  }
  capabilities.credentials = {credential.type()};
  return capabilities;
}

void describe(LeafNode& leaf, const LeafDescription& description) {
  leaf.credential = description.credential;
  leaf.capabilities = description.capabilities;
  leaf.extensions = description.extensions;
}

LeafNode make_leaf(const LeafDescription& description, const crypto::HpkePrivateKey& key,
                   const crypto::Signer& signer) {
  LeafNode leaf;
  describe(leaf, description);
  leaf.encryption_key = key.public_key();
  leaf.signature_key = signer.public_key();
  leaf.source = LeafNodeSource::key_package;
  return leaf;
}

Result<void> sign_leaf(LeafNode& leaf, const crypto::Signer& signer, ByteView group_id, LeafIndex index) {
  auto signature = sign_with_label(signer, kLeafNodeLabel, leaf.to_be_signed(group_id, index));
  if (!signature) return broken(Rule::signer_available);
  leaf.signature = std::move(*signature);
  return {};
}

KeyPackageBundle::KeyPackageBundle(const Suite& suite, KeyPackage key_package,
                                   crypto::HpkePrivateKey init_key, crypto::HpkePrivateKey leaf_key)
    : suite_(&suite),
      key_package_(std::move(key_package)),
      reference_(key_package_.reference(suite)),
      init_key_(std::move(init_key)),
      leaf_key_(std::move(leaf_key)) {}

Result<KeyPackageBundle> KeyPackageBundle::create(const Suite& suite, const crypto::Signer& signer,
                                                  const LeafDescription& description, Lifetime lifetime,
                                                  Extensions extensions) {
  if (signer.algorithm() != suite.signature) return broken(Rule::signer_matches_suite);
  auto init_key = crypto::HpkePrivateKey::generate(suite);
  auto leaf_key = crypto::HpkePrivateKey::generate(suite);
  if (!init_key || !leaf_key) return broken(Rule::provider_available);

  KeyPackage package;
  package.cipher_suite = suite.id;
  package.init_key = init_key->public_key();
  package.extensions = std::move(extensions);
  LeafNode& leaf = package.leaf_node = make_leaf(description, *leaf_key, signer);
  leaf.lifetime = lifetime;
  if (auto done = sign_leaf(leaf, signer, {}, {}); !done) return std::unexpected(done.error());
  auto signature = sign_with_label(signer, kKeyPackageLabel, package.to_be_signed());
  if (!signature) return broken(Rule::signer_available);
  package.signature = std::move(*signature);
  return KeyPackageBundle(suite, std::move(package), std::move(*init_key), std::move(*leaf_key));
}

Result<KeyPackageBundle> KeyPackageBundle::from_keys(KeyPackage key_package, crypto::HpkePrivateKey init_key,
                                                     crypto::HpkePrivateKey leaf_key) {
  const Suite* suite = crypto::find_suite(key_package.cipher_suite);
  if (!suite) return broken(Rule::key_package_keys);
  if (init_key.public_key() != key_package.init_key ||
      leaf_key.public_key() != key_package.leaf_node.encryption_key) {
    return broken(Rule::key_package_keys);
  }
  return KeyPackageBundle(*suite, std::move(key_package), std::move(init_key), std::move(leaf_key));
}

Result<Bytes> KeyPackageBundle::seal(const SealingKey& key) const {
  const StoredBundle stored{key_package_, init_key_.to_raw(), leaf_key_.to_raw()};
  return seal_state(key, SealedKind::key_package, SecretBytes(tls::encode(stored)));
}

Result<KeyPackageBundle> KeyPackageBundle::unseal(const SealingKey& key, ByteView sealed) {
  const auto state = open_state(key, SealedKind::key_package, sealed);
  if (!state) return std::unexpected(state.error());
  auto stored = tls::decode<StoredBundle>(state->view());
  if (!stored) return broken(Rule::sealed_state_opens);
  const Suite* suite = crypto::find_suite(stored->key_package.cipher_suite);
  if (!suite) return broken(Rule::sealed_state_opens);
  auto init_key = crypto::HpkePrivateKey::from_raw(*suite, stored->init_key.view());
  auto leaf_key = crypto::HpkePrivateKey::from_raw(*suite, stored->leaf_key.view());
  if (!init_key || !leaf_key) return broken(Rule::sealed_state_opens);
  return from_keys(std::move(stored->key_package), std::move(*init_key), std::move(*leaf_key));
}

}  // namespace wardline::mls
