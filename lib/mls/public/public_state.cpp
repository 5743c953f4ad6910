#include "lib/mls/public/public_state.h"

#include "lib/crypto/hpke.h"
#include "lib/mls/public/labels.h"
#include "lib/mls/public/tree_validation.h"

namespace wardline::mls {
namespace {

Result<void> check_group_info(const GroupInfo& info, const RatchetTree& tree) {
  // RFC 9420 §12.4.3.1: the signer is a member, and its key verifies the GroupInfo.
  const auto key =
      tree.leaf(info.signer) ? tree.signature_key(info.signer) : std::unexpected(crypto::Error::bad_key);
  if (!key) return broken(Rule::group_info_signer);
  if (!verify_with_label(*key, kGroupInfoLabel, info.to_be_signed(), info.signature)) {
    return broken(Rule::group_info_signature);
  }
  // RFC 9420 §13.4: no list of extensions has two of one type.
  if (has_duplicate_types(info.extensions)) return broken(Rule::group_info_extensions_unique);
  // RFC 9420 §12.4.3.2: external joiners seal to this key.
  const auto external = read_extension<ExternalPub>(info.extensions);
  const bool usable =
      external && (!*external || crypto::is_valid_hpke_public_key(tree.suite(), (*external)->external_pub));
  return require(usable, Rule::group_info_external_pub);
}

Result<RatchetTreeWire> tree_of(const GroupInfo& info, std::optional<RatchetTreeWire> given) {
  if (given) return std::move(*given);
  auto inside = read_extension<RatchetTreeWire>(info.extensions);
  // RFC 9420 §12.4.3.3: without a tree nobody can join.
  if (!inside || !*inside) return broken(Rule::group_info_tree);
  return std::move(**inside);
}

}  // namespace

Result<PublicState> start_from_group_info(const GroupInfo& info, std::optional<RatchetTreeWire> tree,
                                          const Validation& validation) {
  const GroupContext& context = info.group_context;
  auto parameters = GroupParameters::create(context.version, context.cipher_suite, context.extensions);
  if (!parameters) return std::unexpected(parameters.error());
  auto wire = tree_of(info, std::move(tree));
  if (!wire) return std::unexpected(wire.error());
  auto parsed = RatchetTree::from_wire(*parameters->suite, std::move(*wire), validation.limits);
  if (!parsed) return std::unexpected(parsed.error());
  WARDLINE_MLS_TRY(check_group_info(info, *parsed));
  WARDLINE_MLS_TRY(validate_external_senders(*parameters, validation));
  WARDLINE_MLS_TRY(validate_tree(*parsed, context, *parameters, validation));

  Bytes interim =
      interim_transcript_hash(*parameters->suite, context.confirmed_transcript_hash, info.confirmation_tag);
  return PublicState{
      context, std::move(*parameters), std::move(*parsed), info.confirmation_tag, std::move(interim), {}};
}

Result<PublicState> start_new_group(CipherSuite suite, GroupId group_id, Extensions extensions,
                                    LeafNode creator, const Validation& validation) {
  auto parameters = GroupParameters::create(ProtocolVersion::mls10, suite, extensions);
  if (!parameters) return std::unexpected(parameters.error());
  WARDLINE_MLS_TRY(validate_external_senders(*parameters, validation));
  const LeafContext place{.place = LeafPlace::key_package, .group_id = group_id, .index = {}};
  auto key = validate_leaf(creator, place, *parameters, validation);
  if (!key) return std::unexpected(key.error());

  RatchetTree tree(*parameters->suite);
  tree.set_leaf({0}, std::move(creator), std::move(*key));
  GroupContext context{.cipher_suite = suite,
                       .group_id = std::move(group_id),
                       .tree_hash = to_bytes(tree.tree_hash()),
                       .confirmed_transcript_hash = {},
                       .extensions = std::move(extensions)};
  return PublicState{std::move(context), std::move(*parameters), std::move(tree), {}, {}, {}};
}

Result<void> verify_group_info(const PublicState& state, const GroupInfo& info) {
  // RFC 9420 §12.4.3: the GroupInfo reflects the new state, and has the tag of the commit that led to it.
  if (info.group_context != state.context) return broken(Rule::group_info_context_matches);
  if (info.confirmation_tag != state.confirmation_tag) return broken(Rule::group_info_tag_matches);
  WARDLINE_MLS_TRY(check_group_info(info, state.tree));
  const Extension* tree = find_extension(info.extensions, ExtensionType::ratchet_tree);
  return require(!tree || tree->data == state.tree.encode_wire(), Rule::group_info_tree_matches);
}

}  // namespace wardline::mls
