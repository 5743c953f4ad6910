#include "lib/mls/public/leaf_validation.h"

#include <algorithm>

#include "lib/crypto/hpke.h"
#include "lib/mls/public/labels.h"

namespace wardline::mls {
namespace {

bool lists_all(const Capabilities& capabilities, const Extensions& extensions) {
  return std::ranges::all_of(extensions,
                             [&](const Extension& each) { return capabilities.supports(each.type); });
}

// RFC 9420 §7.3: the source says how the leaf came about, and fits where it is found.
Result<void> check_source(const LeafNode& leaf, LeafPlace place) {
  const LeafNodeSource source = leaf.source;
  switch (place) {
    case LeafPlace::key_package:
      return require(source == LeafNodeSource::key_package, Rule::leaf_source_key_package);
    case LeafPlace::update:
      return require(source == LeafNodeSource::update, Rule::leaf_source_update);
    case LeafPlace::commit:
    case LeafPlace::external_commit:
      return require(source == LeafNodeSource::commit, Rule::leaf_source_commit);
    case LeafPlace::tree:
      break;
  }
  return {};
}

Result<void> check_lifetime(const Lifetime& lifetime, const LifetimeCheck& check) {
  // RFC 9420 §7.3: recommended for what is received, and required for what is sent.
  if (check.now < lifetime.not_before || check.now > lifetime.not_after) return broken(Rule::leaf_lifetime);
  // RFC 9420 §7.2: the application sets the longest total lifetime that is acceptable.
  return require(lifetime.not_after - lifetime.not_before <= check.longest_span, Rule::leaf_lifetime_span);
}

Result<void> check_capabilities(const LeafNode& leaf, const GroupParameters& parameters,
                                CapabilityLists lists) {
  const Capabilities& capabilities = leaf.capabilities;
  // RFC 9420 §13.4: no list of extensions has two of one type.
  if (has_duplicate_types(leaf.extensions)) return broken(Rule::leaf_extensions_unique);
  // RFC 9420 §7.2, §7.3: a leaf supports what it uses itself.
  if (!lists_all(capabilities, leaf.extensions)) return broken(Rule::leaf_extensions_listed);
  if (!capabilities.supports(leaf.credential.type())) return broken(Rule::leaf_credential_listed);
  // RFC 9420 §11.1: version and cipher suite are required at a minimum, and have no defaults.
  if (!capabilities.supports(parameters.version)) return broken(Rule::leaf_supports_version);
  if (lists == CapabilityLists::complete && !capabilities.supports(parameters.suite->id)) {
    return broken(Rule::leaf_supports_suite);
  }
  // RFC 9420 §7.3: the leaf is compatible with the group's required_capabilities.
  if (!capabilities.satisfies(parameters.required)) return broken(Rule::leaf_required_capabilities);
  // RFC 9420 §13.4: extensions of the GroupContext are mandatory to support.
  return require(parameters.extensions_supported_by(capabilities), Rule::leaf_supports_group_extensions);
}

// RFC 9420 §5.3.1: the authentication service is asked whenever a credential is new; and whether it may
// follow the old one.
Result<void> check_credential(const LeafNode& leaf, const LeafContext& context,
                              const Validation& validation) {
  const LeafNode* old = context.replaced;
  const bool changed = !old || old->credential != leaf.credential || old->signature_key != leaf.signature_key;
  if (!changed && context.place != LeafPlace::external_commit) return {};
  WARDLINE_MLS_TRY(check_certificate_key(leaf.credential, leaf.signature_key));
  if (!validation.credentials.accepts(leaf.credential, leaf.signature_key, CredentialRole::member)) {
    return broken(Rule::credential_accepted);
  }
  return require(!old || validation.credentials.accepts_successor(old->credential, leaf.credential),
                 Rule::credential_successor);
}

Result<crypto::VerificationKey> check_keys(const LeafNode& leaf, const LeafContext& context,
                                           const Suite& suite) {
  // RFC 9420 §10: both keys are valid for the cipher suite.
  if (!crypto::is_valid_hpke_public_key(suite, leaf.encryption_key))
    return broken(Rule::leaf_encryption_key_valid);
  const bool is_known = context.known_key && context.known_key->raw() == leaf.signature_key;
  auto key =
      is_known ? *context.known_key : crypto::VerificationKey::from_raw(suite.signature, leaf.signature_key);
  if (!key) return broken(Rule::leaf_signature_key_valid);
  // RFC 9420 §7.3, §7.5: a leaf that is replaced gets a new encryption key.
  if (context.replaced && context.replaced->encryption_key == leaf.encryption_key)
    return broken(Rule::leaf_key_replaced);
  // RFC 9420 §7.3: the signature verifies with the leaf's own key.
  if (!verify_with_label(*key, kLeafNodeLabel, leaf.to_be_signed(context.group_id, context.index),
                         leaf.signature)) {
    return broken(Rule::leaf_signature);
  }
  return std::move(*key);
}

}  // namespace

Result<crypto::VerificationKey> validate_leaf(const LeafNode& leaf, const LeafContext& context,
                                              const GroupParameters& parameters,
                                              const Validation& validation) {
  WARDLINE_MLS_TRY(check_source(leaf, context.place));
  WARDLINE_MLS_TRY(check_capabilities(leaf, parameters, validation.capability_lists));
  if (context.place == LeafPlace::key_package && validation.lifetimes) {
    WARDLINE_MLS_TRY(check_lifetime(leaf.lifetime, *validation.lifetimes));
  }
  auto key = check_keys(leaf, context, *parameters.suite);
  if (!key) return key;
  WARDLINE_MLS_TRY(check_credential(leaf, context, validation));
  return key;
}

Result<void> validate_key_package(const KeyPackage& key_package, const GroupParameters& parameters,
                                  const Validation& validation) {
  const LeafNode& leaf = key_package.leaf_node;
  // RFC 9420 §10.1: version and cipher suite are those of the group.
  if (key_package.version != parameters.version) return broken(Rule::key_package_version);
  if (key_package.cipher_suite != parameters.suite->id) return broken(Rule::key_package_suite);
  // RFC 9420 §10: the init key is of the cipher suite; §10.1: and not the leaf's encryption key.
  if (!crypto::is_valid_hpke_public_key(*parameters.suite, key_package.init_key)) {
    return broken(Rule::key_package_init_key_valid);
  }
  if (key_package.init_key == leaf.encryption_key) return broken(Rule::key_package_init_key_differs);
  // RFC 9420 §13.4, §10: no two extensions of one type, and each listed in the leaf's capabilities.
  if (has_duplicate_types(key_package.extensions)) return broken(Rule::key_package_extensions_unique);
  if (validation.capability_lists == CapabilityLists::complete &&
      !lists_all(leaf.capabilities, key_package.extensions)) {
    return broken(Rule::key_package_extensions_listed);
  }

  const auto key = validate_leaf(leaf, {.place = LeafPlace::key_package, .group_id = {}, .index = {}},
                                 parameters, validation);
  if (!key) return std::unexpected(key.error());
  // RFC 9420 §10.1: the whole is signed with the leaf's signature key.
  return require(verify_with_label(*key, kKeyPackageLabel, key_package.to_be_signed(), key_package.signature),
                 Rule::key_package_signature);
}

}  // namespace wardline::mls
