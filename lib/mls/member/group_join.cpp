// Joining by Welcome (RFC 9420 §12.4.3.1).
#include <algorithm>

#include "lib/crypto/aead.h"
#include "lib/mls/member/continuation.h"
#include "lib/mls/member/encryption.h"
#include "lib/mls/member/group.h"
#include "lib/mls/member/group_pending.h"
#include "lib/mls/member/group_secrets.h"
#include "lib/mls/public/decode.h"

namespace wardline::mls {
namespace {

const EncryptedGroupSecrets* find_secrets(const Welcome& welcome, const KeyPackageRef& reference) {
  const auto found = std::ranges::find(welcome.secrets, reference, &EncryptedGroupSecrets::new_member);
  return found == welcome.secrets.end() ? nullptr : &*found;
}

Result<GroupSecrets> open_group_secrets(const Welcome& welcome, const KeyPackageBundle& bundle) {
  // RFC 9420 §12.4.3.1: the entry for one of our key packages, of the same cipher suite.
  const EncryptedGroupSecrets* sealed = find_secrets(welcome, bundle.reference());
  if (!sealed) return broken(Rule::welcome_for_key_package);
  const auto plain = decrypt_with_label(bundle.suite(), bundle.init_key(), kWelcomeLabel,
                                        welcome.encrypted_group_info, sealed->encrypted_group_secrets);
  if (!plain) return broken(Rule::group_secrets_open);
  auto secrets = tls::decode<GroupSecrets>(plain->view());
  if (!secrets) return broken(Rule::group_secrets_decode);
  return std::move(*secrets);
}

Result<GroupInfo> open_group_info(const Suite& suite, const Welcome& welcome, const EpochEntry& entry) {
  const SecretBytes welcome_secret = derive_welcome_secret(suite, entry.joiner, entry.psk_secret.view());
  const WelcomeKey key = derive_welcome_key(suite, welcome_secret.view());
  const auto plain =
      crypto::aead_open(suite.aead, key.key.view(), key.nonce.view(), {}, welcome.encrypted_group_info);
  auto info = plain ? tls::decode<GroupInfo>(plain->view()) : std::unexpected(tls::Error::invalid_value);
  if (!info) return broken(Rule::welcome_group_info_opens);
  return std::move(*info);
}

// RFC 9420 §12.4.3.1: our leaf in the tree is the one of the key package, and there is one.
Result<LeafIndex> find_own_leaf(const PublicState& group, const LeafNode& own) {
  const auto leaf = group.tree.find_member(own.signature_key);
  if (!leaf || *group.tree.leaf(*leaf) != own) return broken(Rule::welcome_leaf);
  return *leaf;
}

}  // namespace

bool Group::is_welcome_for(const Welcome& welcome, const KeyPackageBundle& bundle) {
  return find_secrets(welcome, bundle.reference()) != nullptr;
}

Result<Group> Group::join(const Welcome& welcome, const KeyPackageBundle& bundle, JoinInput input,
                          const Environment& environment) {
  const Suite& suite = bundle.suite();
  auto secrets = open_group_secrets(welcome, bundle);
  if (!secrets) return std::unexpected(secrets.error());
  const KnownPsks known = [&](const PreSharedKeyId& id) -> std::optional<SecretBytes> {
    if (!input.continues || !is_resumption_of(id, *input.continues)) return std::nullopt;
    return std::move(input.continues->resumption_psk(ResumptionPskUsage::application).secret);
  };
  const auto psks = find_psks(secrets->psks, known, environment.psks);
  if (!psks) return std::unexpected(psks.error());
  const EpochEntry entry{{std::move(secrets->joiner_secret)}, derive_psk_secret(suite, *psks)};
  auto info = open_group_info(suite, welcome, entry);
  if (!info) return std::unexpected(info.error());
  // RFC 9420 §12.4.3.1: one cipher suite throughout.
  if (welcome.cipher_suite != suite.id || info->group_context.cipher_suite != suite.id) {
    return broken(Rule::welcome_suite);
  }
  auto group = start_from_group_info(*info, std::move(input.tree), environment.validation);
  if (!group) return std::unexpected(group.error());
  WARDLINE_MLS_TRY(check_continuation(*group, secrets->psks, input.continues, environment.validation));
  const auto own = find_own_leaf(*group, bundle.key_package().leaf_node);
  if (!own) return std::unexpected(own.error());

  PrivateTree private_tree(*own, bundle.leaf_key().copy());
  if (secrets->path_secret) {
    const auto implanted =
        private_tree.implant(group->tree, info->signer, PathSecret{std::move(*secrets->path_secret)});
    if (!implanted) return std::unexpected(implanted.error());
  }
  auto state = confirm_epoch(std::move(*group), std::move(private_tree), entry);
  if (!state) return std::unexpected(state.error());
  return Group(std::move(*state), input.config);
}

}  // namespace wardline::mls
