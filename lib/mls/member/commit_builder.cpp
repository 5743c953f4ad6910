#include "lib/mls/member/commit_builder.h"

#include "lib/crypto/aead.h"
#include "lib/mls/member/encryption.h"
#include "lib/mls/member/group_secrets.h"
#include "lib/mls/member/protection.h"
#include "lib/mls/public/labels.h"
#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {
namespace {

// The committer's new leaf is judged as every receiver will judge it.
Result<std::vector<NodeIndex>> check_own_leaf(const CommitDraft& draft, ProposalOutcome& outcome,
                                              LeafIndex own, const Validation& validation) {
  const bool external = draft.sender.type == SenderType::new_member_commit;
  const LeafNode* replaced = external ? nullptr : draft.before.tree.leaf(own);
  if (external && !outcome.changes.removed.empty()) replaced = &outcome.changes.removed.front().node;
  const LeafContext place{.place = external ? LeafPlace::external_commit : LeafPlace::commit,
                          .group_id = draft.before.context.group_id,
                          .index = own,
                          .replaced = replaced};
  auto key = validate_leaf(*outcome.tree.leaf(own), place, outcome.parameters, validation);
  if (!key) return std::unexpected(key.error());
  outcome.tree.keep_signature_key(own, std::move(*key));
  std::vector<NodeIndex> nodes{node_of(own)};
  for (const PathStep& step : outcome.tree.filtered_direct_path(own)) nodes.push_back(step.node);
  return nodes;
}

struct PathPart {
  std::optional<OwnPath> own;
  std::optional<UpdatePath> wire;
};

// §12.4.1: the path, put into the tree of `outcome`; then the tree is judged as a whole.
Result<PathPart> add_path(CommitDraft& draft, ProposalOutcome& outcome, const crypto::Signer& signer,
                          const Validation& validation) {
  PathPart part;
  if (!draft.with_path) {
    WARDLINE_MLS_TRY(check_outcome(outcome, {}));
    return part;
  }
  const bool external = draft.sender.type == SenderType::new_member_commit;
  const LeafIndex own = external ? outcome.tree.reserve_leaf() : draft.sender.leaf();
  auto path =
      OwnPath::create(outcome.tree, own, std::move(*draft.leaf), signer, draft.before.context.group_id);
  if (!path) return std::unexpected(path.error());
  const auto nodes = check_own_leaf(draft, outcome, own, validation);
  if (!nodes) return std::unexpected(nodes.error());
  WARDLINE_MLS_TRY(check_outcome(outcome, *nodes));
  // §7.6: sealed under the context with the new tree hash and the old transcript.
  auto wire = path->seal(outcome.tree, outcome.changes.added_leaves(),
                         tls::encode(next_context(draft.before.context, outcome)));
  if (!wire) return std::unexpected(wire.error());
  part.own = std::move(*path);
  part.wire = std::move(*wire);
  return part;
}

Result<AuthenticatedContent> frame(CommitDraft& draft, std::optional<UpdatePath> path,
                                   const crypto::Signer& signer) {
  const GroupContext& context = draft.before.context;
  FramedContent framed{context.group_id, context.epoch, draft.sender, std::move(draft.authenticated_data),
                       Commit{std::move(draft.proposals), std::move(path)}};
  return sign_framed_content(signer, draft.wire_format, std::move(framed), tls::encode(context));
}

PublicState next_public_state(const CommitDraft& draft, ProposalOutcome& outcome,
                              const AuthenticatedContent& content) {
  GroupContext context = next_context(draft.before.context, outcome);
  context.confirmed_transcript_hash =
      confirmed_transcript_hash(draft.before.suite(), draft.before.interim_transcript_hash, content);
  return {.context = std::move(context),
          .parameters = std::move(outcome.parameters),
          .tree = std::move(outcome.tree),
          .confirmation_tag = {},  // Of the epoch that begins: see `begin_epoch`.
          .interim_transcript_hash = {},
          .reinit = outcome.changes.reinit};
}

}  // namespace

Result<BuiltCommit> build_commit(CommitDraft draft, const crypto::Signer& signer,
                                 const PskSources& psk_sources, const Validation& validation) {
  const Suite& suite = draft.before.suite();
  auto outcome = apply_proposals(draft.before, draft.list, draft.sender, validation);
  if (!outcome) return std::unexpected(outcome.error());
  std::vector<PreSharedKeyId> psk_ids = outcome->changes.psks;
  if (draft.continuation_psk) {
    psk_ids.push_back(*draft.continuation_psk);
    draft.proposals.push_back({Proposal{PreSharedKey{*draft.continuation_psk}}});
  }
  const auto psks = find_psks(psk_ids, psk_sources.known, psk_sources.store);
  if (!psks) return std::unexpected(psks.error());

  auto path = add_path(draft, *outcome, signer, validation);
  if (!path) return std::unexpected(path.error());
  auto content = frame(draft, std::move(path->wire), signer);
  if (!content) return std::unexpected(content.error());
  PublicState next = next_public_state(draft, *outcome, *content);

  PathSecret commit_secret =
      path->own ? PathSecret{path->own->commit_secret().value.copy()} : no_commit_secret(suite);
  EpochEntry entry = enter_by_commit(suite, draft.init_secret, commit_secret, *psks, next.context);
  EpochSecrets secrets =
      derive_epoch_secrets(suite, entry.joiner, entry.psk_secret.view(), tls::encode(next.context));
  PrivateTree private_tree = path->own ? path->own->private_tree() : *draft.private_tree;
  MemberState state = begin_epoch(std::move(next), std::move(private_tree), std::move(secrets));
  content->auth.confirmation_tag = state.group.confirmation_tag;
  return BuiltCommit{.content = std::move(*content),
                     .next = std::move(state),
                     .changes = std::move(outcome->changes),
                     .entry = std::move(entry),
                     .psks = std::move(psk_ids),
                     .path = std::move(path->own)};
}

Result<GroupInfo> make_group_info(const MemberState& state, const crypto::Signer& signer,
                                  GroupInfoContent content) {
  GroupInfo info;
  info.group_context = state.group.context;
  info.confirmation_tag = state.group.confirmation_tag;
  info.signer = state.own();
  if (content.with_tree)
    info.extensions.push_back({ExtensionType::ratchet_tree, state.group.tree.encode_wire()});
  if (content.with_external_pub) {
    const auto key = derive_external_key(state.suite(), state.secrets);
    if (!key) return broken(Rule::provider_available);
    info.extensions.push_back(make_extension(ExternalPub{key->public_key()}));
  }
  auto signature = sign_with_label(signer, kGroupInfoLabel, info.to_be_signed());
  if (!signature) return broken(Rule::signer_available);
  info.signature = std::move(*signature);
  return info;
}

Result<Welcome> make_welcome(const BuiltCommit& built, std::span<const KeyPackage* const> added,
                             const GroupInfo& info) {
  const Suite& suite = built.next.suite();
  Welcome welcome;
  welcome.cipher_suite = suite.id;
  const SecretBytes welcome_secret =
      derive_welcome_secret(suite, built.entry.joiner, built.entry.psk_secret.view());
  const WelcomeKey key = derive_welcome_key(suite, welcome_secret.view());
  auto sealed_info = crypto::aead_seal(suite.aead, key.key.view(), key.nonce.view(), {}, tls::encode(info));
  if (!sealed_info) return broken(Rule::provider_available);
  welcome.encrypted_group_info = std::move(*sealed_info);
  const LabeledEncryption encryption(suite, kWelcomeLabel, welcome.encrypted_group_info);

  for (std::size_t i = 0; i < added.size(); ++i) {
    GroupSecrets secrets{built.entry.joiner.value.copy(), {}, built.psks};
    const PathSecret* path_secret =
        built.path ? built.path->secret_for(built.changes.added[i].leaf) : nullptr;
    if (path_secret) secrets.path_secret = path_secret->value.copy();
    const SecretBytes plain(tls::encode(secrets));
    auto sealed = encryption.encrypt(added[i]->init_key, plain.view());
    if (!sealed) return broken(Rule::provider_available);
    welcome.secrets.push_back({added[i]->reference(suite), std::move(*sealed)});
  }
  return welcome;
}

}  // namespace wardline::mls
