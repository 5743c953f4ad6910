#include "lib/mls/public/staged_commit.h"

#include <set>

#include "lib/crypto/hpke.h"
#include "lib/mls/public/labels.h"
#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {
namespace {

std::string_view text_view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<void> check_path_shape(const RatchetTree& tree, const UpdatePath& path,
                              std::span<const PathStep> steps, std::span<const LeafIndex> added) {
  // RFC 9420 §7.5: one node for each of the filtered direct path.
  if (path.nodes.size() != steps.size()) return broken(Rule::path_length);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const UpdatePathNode& node = path.nodes[i];
    if (!crypto::is_valid_hpke_public_key(tree.suite(), node.encryption_key))
      return broken(Rule::path_keys_valid);
    // RFC 9420 §7.6: one ciphertext for each node of the copath child's resolution; new leaves get theirs in
    // the Welcome.
    const std::size_t receivers = tree.resolution(steps[i].copath_child, added).size();
    if (node.encrypted_path_secret.size() != receivers) return broken(Rule::path_ciphertext_count);
  }
  return {};
}

// RFC 9420 §12.4.2: the path's keys, its leaf's among them, are in no node of the new tree; nor twice in the
// path.
Result<void> check_path_keys_fresh(const RatchetTree& tree, const UpdatePath& path) {
  std::set<std::string_view> keys;
  KeyPrints prints;
  bool fresh = true;
  const auto insert = [&](const HpkePublicKey& key) {
    prints.insert(print_of(key));
    fresh = keys.insert(text_view(key)).second && fresh;
  };
  insert(path.leaf_node.encryption_key);
  for (const UpdatePathNode& node : path.nodes) insert(node.encryption_key);
  tree.for_each_encryption_key_like(
      prints, [&](NodeIndex node) { fresh = fresh && !keys.contains(text_view(tree.encryption_key(node))); });
  return require(fresh, Rule::path_keys_fresh);
}

std::vector<HpkePublicKey> keys_of(const UpdatePath& path) {
  std::vector<HpkePublicKey> keys;
  keys.reserve(path.nodes.size());
  for (const UpdatePathNode& node : path.nodes) keys.push_back(node.encryption_key);
  return keys;
}

// RFC 9420 §7.5, §7.6, §12.4.2: checks the path against the tree after the proposals and merges it there.
// Returns the nodes that it set, the leaf among them.
Result<std::vector<NodeIndex>> merge_path(ProposalOutcome& outcome, const UpdatePath& path,
                                          const LeafContext& place, const Validation& validation) {
  RatchetTree& tree = outcome.tree;
  const LeafIndex committer = place.index;
  auto key = validate_leaf(path.leaf_node, place, outcome.parameters, validation);
  if (!key) return std::unexpected(key.error());
  const std::vector<PathStep> steps = tree.filtered_direct_path(committer);
  WARDLINE_MLS_TRY(check_path_shape(tree, path, steps, outcome.changes.added_leaves()));
  WARDLINE_MLS_TRY(check_path_keys_fresh(tree, path));

  // RFC 9420 §7.9.2: the parent hash that the leaf signs is the one that follows from the merged path.
  const Bytes parent_hash = tree.set_path(committer, keys_of(path));
  if (path.leaf_node.parent_hash != parent_hash) return broken(Rule::path_parent_hash);
  tree.set_leaf(committer, path.leaf_node, std::move(*key));

  std::vector<NodeIndex> nodes{node_of(committer)};
  for (const PathStep& step : steps) nodes.push_back(step.node);
  return nodes;
}

/// Where the committer is in the new tree, and the nodes that its path set, if it has one.
struct AppliedPath {
  LeafIndex committer;
  std::vector<NodeIndex> nodes;
};

Result<AppliedPath> apply_path(const PublicState& state, const VerifiedContent& content,
                               ProposalOutcome& outcome, const Validation& validation) {
  const Sender& sender = content.sender();
  const std::optional<UpdatePath>& path = content.commit()->path;
  if (!path) return AppliedPath{sender.leaf(), {}};
  LeafContext place{.place = LeafPlace::commit,
                    .group_id = state.context.group_id,
                    .index = sender.leaf(),
                    .replaced = state.tree.leaf(sender.leaf()),
                    .known_key = &content.key()};
  if (sender.type == SenderType::new_member_commit) {
    place.place = LeafPlace::external_commit;
    // RFC 9420 §12.4.2: the joiner gets the leftmost free leaf.
    place.index = outcome.tree.reserve_leaf();
    const auto& removed = outcome.changes.removed;
    place.replaced = removed.empty() ? nullptr : &removed.front().node;
  }
  auto nodes = merge_path(outcome, *path, place, validation);
  if (!nodes) return std::unexpected(nodes.error());
  return AppliedPath{place.index, std::move(*nodes)};
}

}  // namespace

GroupContext next_context(const GroupContext& context, ProposalOutcome& outcome) {
  return {.version = context.version,
          .cipher_suite = context.cipher_suite,
          .group_id = context.group_id,
          .epoch = context.epoch + 1,
          .tree_hash = to_bytes(outcome.tree.tree_hash()),
          .confirmed_transcript_hash = context.confirmed_transcript_hash,
          .extensions = outcome.extensions};
}

Result<StagedCommit> stage_commit(const PublicState& state, const VerifiedContent& content,
                                  const ProposalCache& cache, const Validation& validation) {
  const Commit& commit = *content.commit();
  const Sender& sender = content.sender();
  const auto list = list_proposals(commit, sender, cache, validation.limits);
  if (!list) return std::unexpected(list.error());
  auto outcome = apply_proposals(state, *list, sender, validation);
  if (!outcome) return std::unexpected(outcome.error());
  // RFC 9420 §12.4: without a path, who is removed could compute the next epoch's keys.
  if (is_path_required(*list) && !commit.path) return broken(Rule::path_required);

  const auto path = apply_path(state, content, *outcome, validation);
  if (!path) return std::unexpected(path.error());
  WARDLINE_MLS_TRY(check_outcome(*outcome, path->nodes));
  if (outcome->tree.leaf_count() > validation.limits.leaves) return broken(Rule::commit_tree_size);

  GroupContext context = next_context(state.context, *outcome);
  GroupContext provisional = commit.path ? context : GroupContext();
  context.confirmed_transcript_hash =
      confirmed_transcript_hash(state.suite(), state.interim_transcript_hash, content.get());
  const Bytes& tag = *content.get().auth.confirmation_tag;
  Bytes interim = interim_transcript_hash(state.suite(), context.confirmed_transcript_hash, tag);
  PublicState next{.context = std::move(context),
                   .parameters = std::move(outcome->parameters),
                   .tree = std::move(outcome->tree),
                   .confirmation_tag = tag,
                   .interim_transcript_hash = std::move(interim),
                   .reinit = outcome->changes.reinit};
  return StagedCommit{.from_transcript_hash = state.interim_transcript_hash,
                      .next = std::move(next),
                      .changes = std::move(outcome->changes),
                      .committer = path->committer,
                      .is_external = sender.type == SenderType::new_member_commit,
                      .has_path = commit.path.has_value(),
                      .provisional = std::move(provisional)};
}

}  // namespace wardline::mls
