#include "lib/mls/public/proposal_list.h"

#include <algorithm>
#include <set>

#include "lib/mls/public/leaf_validation.h"
#include "lib/mls/public/proposal_rules.h"
#include "lib/mls/public/tree_validation.h"

namespace wardline::mls {
namespace {

/// The parsed signature keys that validating Updates gave, one place per proposal of the list.
using ParsedKeys = std::vector<std::optional<crypto::VerificationKey>>;

const GroupContextExtensions* find_context_extensions(std::span<const ListedProposal> list) {
  for (const ListedProposal& each : list) {
    if (const auto* extensions = each.proposal->as<GroupContextExtensions>()) return extensions;
  }
  return nullptr;
}

Result<ParsedKeys> check_each(const ProposalContext& context, std::span<const ListedProposal> list) {
  ParsedKeys keys;
  for (const ListedProposal& each : list) {
    auto key = check_proposal(context, *each.proposal, each.sender);
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

/// Calls `apply(item, place in the list)` for the proposals of type T.
template <class T, class Apply>
void for_each_of(std::span<const ListedProposal> list, const Apply& apply) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (const T* item = list[i].proposal->as<T>()) apply(*item, i);
  }
}

// RFC 9420 §12.3: Updates, Removes, Adds in their order, then what concerns the key schedule.
void apply_in_order(ProposalOutcome& outcome, std::span<const ListedProposal> list, ParsedKeys keys) {
  RatchetTree& tree = outcome.tree;
  Changes& changes = outcome.changes;
  for_each_of<Update>(list, [&](const Update& update, std::size_t i) {
    tree.update(list[i].sender.leaf(), update.leaf_node, std::move(keys[i]));
    changes.updated.push_back({list[i].sender.leaf(), update.leaf_node});
  });
  for_each_of<Remove>(list, [&](const Remove& remove, std::size_t) {
    changes.removed.push_back({remove.removed, *tree.leaf(remove.removed)});
    tree.remove(remove.removed);
  });
  for_each_of<Add>(list, [&](const Add& add, std::size_t) {
    const LeafNode& leaf = add.key_package.leaf_node;
    changes.added.push_back({tree.add(leaf), leaf});
  });
  for_each_of<PreSharedKey>(list,
                            [&](const PreSharedKey& psk, std::size_t) { changes.psks.push_back(psk.psk); });
  for_each_of<ExternalInit>(list,
                            [&](const ExternalInit& init, std::size_t) { changes.external_init = init; });
  for_each_of<ReInit>(list, [&](const ReInit& reinit, std::size_t) { changes.reinit = reinit; });
}

// RFC 9420 §12.1.7, §13.4: with new extensions, those who were members before must be able to go along too.
Result<void> check_members_support(const ProposalOutcome& outcome) {
  const GroupParameters& parameters = outcome.parameters;
  bool required = true;
  bool supported = true;
  outcome.tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    required = required && leaf.capabilities.satisfies(parameters.required);
    supported = supported && parameters.extensions_supported_by(leaf.capabilities);
  });
  if (!required) return broken(Rule::extensions_required_by_members);
  return require(supported, Rule::extensions_supported_by_members);
}

}  // namespace

std::vector<LeafIndex> Changes::added_leaves() const {
  std::vector<LeafIndex> leaves;
  leaves.reserve(added.size());
  for (const MemberChange& each : added) leaves.push_back(each.leaf);
  std::ranges::sort(leaves);
  return leaves;
}

Result<std::vector<ListedProposal>> list_proposals(const Commit& commit, const Sender& committer,
                                                   const ProposalCache& cache, const Limits& limits) {
  if (commit.proposals.size() > limits.proposals_per_commit) return broken(Rule::proposals_per_commit);
  std::vector<ListedProposal> list;
  list.reserve(commit.proposals.size());
  for (const ProposalOrRef& each : commit.proposals) {
    if (const auto* proposal = std::get_if<Proposal>(&each.value)) {
      list.push_back({proposal, committer, false});
      continue;
    }
    // RFC 9420 §12.4.3.2: an external joiner cannot know what was proposed inside.
    if (committer.type == SenderType::new_member_commit) return broken(Rule::external_commit_by_value);
    const auto found = cache.find(std::get<ProposalRef>(each.value));
    // RFC 9420 §12.4: a reference is the hash of a proposal that was sent in this epoch.
    if (found == cache.end()) return broken(Rule::proposal_reference_known);
    list.push_back({&found->second.proposal, found->second.sender, true});
  }
  return list;
}

Result<void> validate_proposal(const PublicState& state, const Proposal& proposal, const Sender& sender,
                               const Validation& validation) {
  const auto key = check_proposal({state, state.parameters, validation}, proposal, sender);
  if (!key) return std::unexpected(key.error());
  return {};
}

Result<ProposalRef> cache_proposal(ProposalCache& cache, const PublicState& state,
                                   const VerifiedContent& content, const Validation& validation) {
  ProposalRef reference = content.get().proposal_reference(state.suite());
  if (cache.contains(reference)) return reference;
  if (cache.size() >= validation.limits.pending_proposals) return broken(Rule::pending_proposals);
  WARDLINE_MLS_TRY(validate_proposal(state, *content.proposal(), content.sender(), validation));
  cache.emplace(reference, PendingProposal{*content.proposal(), content.sender()});
  return reference;
}

Result<ProposalOutcome> apply_proposals(const PublicState& state, std::span<const ListedProposal> list,
                                        const Sender& committer, const Validation& validation) {
  WARDLINE_MLS_TRY(check_list(list, committer));
  ProposalOutcome outcome{state.tree, state.context.extensions, state.parameters, {}};
  // RFC 9420 §12.3: new extensions count for the judgement of all other proposals.
  if (const auto* replacement = find_context_extensions(list)) {
    auto parameters =
        GroupParameters::create(state.context.version, state.context.cipher_suite, replacement->extensions);
    if (!parameters) return std::unexpected(parameters.error());
    outcome.extensions = replacement->extensions;
    outcome.parameters = std::move(*parameters);
    outcome.changes.context_extensions = true;
  }
  auto keys = check_each({state, outcome.parameters, validation}, list);
  if (!keys) return std::unexpected(keys.error());
  apply_in_order(outcome, list, std::move(*keys));
  return outcome;
}

Result<void> check_outcome(const ProposalOutcome& outcome, std::span<const NodeIndex> path) {
  if (outcome.changes.context_extensions) WARDLINE_MLS_TRY(check_members_support(outcome));
  std::vector<NodeIndex> changed(path.begin(), path.end());
  for (const MemberChange& each : outcome.changes.added) changed.push_back(node_of(each.leaf));
  for (const MemberChange& each : outcome.changes.updated) changed.push_back(node_of(each.leaf));
  if (changed.empty()) return {};
  WARDLINE_MLS_TRY(check_keys_unique(outcome.tree, changed));
  return check_credential_types(outcome.tree);
}

bool is_path_required(std::span<const ListedProposal> list) {
  return list.empty() || std::ranges::any_of(list, [](const ListedProposal& each) {
           const ProposalType type = each.proposal->type();
           return type != ProposalType::add && type != ProposalType::psk && type != ProposalType::reinit;
         });
}

}  // namespace wardline::mls
