#include "lib/mls/member/member_state_storage.h"

#include <algorithm>

namespace wardline::mls {
namespace {

struct StoredPublicState {
  GroupContext context;
  RatchetTreeWire tree;
  Bytes confirmation_tag;
  Bytes interim_transcript_hash;
  std::optional<ReInit> reinit;
  WARDLINE_TLS_FIELDS(context, tree, confirmation_tag, interim_transcript_hash, reinit)
};

/// A leaf that was another one, or blank, in the past.
struct LeafDifference {
  LeafIndex index;
  std::optional<LeafNode> leaf;
  WARDLINE_TLS_FIELDS(index, leaf)
};

struct StoredPastState {
  GroupContext context;
  Bytes confirmation_tag;
  std::vector<LeafDifference> leaves;
  WARDLINE_TLS_FIELDS(context, confirmation_tag, leaves)
};

Result<GroupParameters> parameters_of(const GroupContext& context) {
  auto parameters = GroupParameters::create(context.version, context.cipher_suite, context.extensions);
  if (!parameters) return broken(Rule::sealed_state_opens);
  return parameters;
}

}  // namespace

void write_public_state(tls::Writer& out, const PublicState& state) {
  // The fields of StoredPublicState, without a copy of the tree.
  tls::write(out, state.context);
  state.tree.write_wire(out);
  tls::write(out, state.confirmation_tag);
  tls::write(out, state.interim_transcript_hash);
  tls::write(out, state.reinit);
}

Result<PublicState> read_public_state(tls::Reader& in) {
  StoredPublicState stored;
  tls::read(in, stored);
  if (!in.ok()) return broken(Rule::sealed_state_opens);
  auto parameters = parameters_of(stored.context);
  if (!parameters) return std::unexpected(parameters.error());
  auto tree = RatchetTree::from_wire(*parameters->suite, std::move(stored.tree), {});
  if (!tree) return std::unexpected(tree.error());
  return PublicState{std::move(stored.context),
                     std::move(*parameters),
                     std::move(*tree),
                     std::move(stored.confirmation_tag),
                     std::move(stored.interim_transcript_hash),
                     std::move(stored.reinit)};
}

void write_state(tls::Writer& out, const MemberState& state) {
  write_public_state(out, state.group);
  state.private_tree.write(out);
  tls::write(out, state.secrets);
  tls::write(out, state.keys);
}

Result<MemberState> read_state(tls::Reader& in) {
  auto group = read_public_state(in);
  if (!group) return std::unexpected(group.error());
  auto private_tree = PrivateTree::read(group->suite(), in);
  if (!private_tree) return std::unexpected(private_tree.error());
  EpochSecrets secrets;
  tls::read(in, secrets);
  SecretTree keys(group->suite());
  tls::read(in, keys);
  if (!in.ok()) return broken(Rule::sealed_state_opens);
  return MemberState{std::move(*group), std::move(*private_tree), std::move(secrets), std::move(keys)};
}

void write_past_state(tls::Writer& out, const PublicState& past, const PublicState& now) {
  StoredPastState stored{past.context, past.confirmation_tag, {}};
  const std::uint32_t width = std::max(past.tree.leaf_count(), now.tree.leaf_count());
  for (std::uint32_t i = 0; i < width; ++i) {
    const LeafNode* was = past.tree.leaf({i});
    const LeafNode* is = now.tree.leaf({i});
    // Trees of one group share the leaves that did not change, so that most comparisons are of pointers.
    if (was == is || (was && is && *was == *is)) continue;
    stored.leaves.push_back({{i}, was ? std::optional(*was) : std::nullopt});
  }
  tls::write(out, stored);
}

Result<PublicState> read_past_state(tls::Reader& in, const PublicState& now) {
  StoredPastState stored;
  tls::read(in, stored);
  auto parameters = in.ok() ? parameters_of(stored.context) : broken(Rule::sealed_state_opens);
  if (!parameters) return std::unexpected(parameters.error());
  RatchetTree tree = now.tree;  // A copy shares its nodes: only the leaves that differ take memory.
  for (LeafDifference& each : stored.leaves) {
    if (each.index.value >= Limits{}.leaves) return broken(Rule::sealed_state_opens);
    tree.put_back(each.index, std::move(each.leaf));
  }
  return PublicState{std::move(stored.context),
                     std::move(*parameters),
                     std::move(tree),
                     std::move(stored.confirmation_tag),
                     {},
                     {}};
}

}  // namespace wardline::mls
