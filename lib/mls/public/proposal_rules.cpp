#include "lib/mls/public/proposal_rules.h"

#include <algorithm>
#include <set>

#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {
namespace {

using ParsedKey = std::optional<crypto::VerificationKey>;

/// What is left to say when a check passed that has no key to give.
Result<ParsedKey> without_key(const Result<void>& checked) {
  if (!checked) return std::unexpected(checked.error());
  return ParsedKey();
}

Result<ParsedKey> with_key(Result<crypto::VerificationKey> checked) {
  if (!checked) return std::unexpected(checked.error());
  return ParsedKey(std::move(*checked));
}

Result<void> check_psk(const PreSharedKeyId& psk, const Suite& suite) {
  // RFC 9420 §12.1.4: these usages belong to the first commit of a group that comes from another (§11.2,
  // §11.3).
  const auto* resumption = std::get_if<ResumptionPskId>(&psk.key);
  if (resumption && resumption->usage != ResumptionPskUsage::application) return broken(Rule::psk_usage);
  return require(psk.psk_nonce.size() == suite.hash_size, Rule::psk_nonce_size);
}

Result<void> check_context_extensions(const ProposalContext& context, const Extensions& extensions) {
  const GroupContext& current = context.state.context;
  const auto parameters = GroupParameters::create(current.version, current.cipher_suite, extensions);
  if (!parameters) return std::unexpected(parameters.error());
  if (parameters->external_senders == context.state.parameters.external_senders) return {};
  return validate_external_senders(*parameters, context.validation);
}

Result<ParsedKey> check_update(const ProposalContext& context, const Update& update, const Sender& sender) {
  const LeafContext place{.place = LeafPlace::update,
                          .group_id = context.state.context.group_id,
                          .index = sender.leaf(),
                          .replaced = context.state.tree.leaf(sender.leaf())};
  return with_key(validate_leaf(update.leaf_node, place, context.parameters, context.validation));
}

Result<void> check_external_list(std::span<const ListedProposal> list) {
  const auto count = [&](ProposalType type) {
    return std::ranges::count_if(list,
                                 [&](const ListedProposal& each) { return each.proposal->type() == type; });
  };
  // RFC 9420 §12.2: exactly one ExternalInit, at most one Remove, any PSKs, and nothing else.
  const auto inits = count(ProposalType::external_init);
  const auto removes = count(ProposalType::remove);
  if (inits != 1) return broken(Rule::external_commit_init);
  if (removes > 1) return broken(Rule::external_commit_remove);
  const auto size = static_cast<std::ptrdiff_t>(list.size());
  return require(inits + removes + count(ProposalType::psk) == size, Rule::external_commit_types);
}

Result<void> check_leaf_changes(std::span<const ListedProposal> list, LeafIndex committer) {
  std::set<LeafIndex> changed;
  for (const ListedProposal& each : list) {
    const auto* remove = each.proposal->as<Remove>();
    const bool is_update = each.proposal->type() == ProposalType::update;
    if (!remove && !is_update) continue;
    const LeafIndex leaf = remove ? remove->removed : each.sender.leaf();
    // RFC 9420 §12.2: the committer uses the path instead of an Update, and cannot commit its own removal.
    if (is_update && leaf == committer) return broken(Rule::commit_does_not_update_self);
    if (remove && leaf == committer) return broken(Rule::commit_does_not_remove_self);
    if (!changed.insert(leaf).second) return broken(Rule::one_change_per_leaf);
  }
  return {};
}

Result<void> check_repetitions(std::span<const ListedProposal> list) {
  std::set<SignaturePublicKey> added;
  std::size_t context_extensions = 0;
  bool has_reinit = false;
  for (const ListedProposal& each : list) {
    // RFC 9420 §12.2: Adds of the same client, which we tell by the signature key.
    const Add* add = each.proposal->as<Add>();
    if (add && !added.insert(add->key_package.leaf_node.signature_key).second)
      return broken(Rule::adds_are_distinct);
    if (each.proposal->type() == ProposalType::group_context_extensions) ++context_extensions;
    has_reinit = has_reinit || each.proposal->type() == ProposalType::reinit;
  }
  // RFC 9420 §12.2: one replacement of the extensions, and a ReInit ends the group: nothing else makes sense
  // with it.
  if (context_extensions > 1) return broken(Rule::group_context_extensions_once);
  return require(!has_reinit || list.size() == 1, Rule::reinit_alone);
}

Result<void> check_psk_ids(std::span<const ListedProposal> list) {
  std::set<Bytes> seen;
  for (const ListedProposal& each : list) {
    const auto* psk = each.proposal->as<PreSharedKey>();
    // RFC 9420 §12.2: no two proposals for the same PreSharedKeyID.
    if (psk && !seen.insert(tls::encode(psk->psk)).second) return broken(Rule::psk_once);
  }
  return {};
}

}  // namespace

Result<ParsedKey> check_proposal(const ProposalContext& context, const Proposal& proposal,
                                 const Sender& sender) {
  return std::visit(
      Match{
          [&](const Add& add) {
            return without_key(validate_key_package(add.key_package, context.parameters, context.validation));
          },
          [&](const Update& update) { return check_update(context, update, sender); },
          [&](const Remove& remove) {
            // RFC 9420 §12.1.3: `removed` identifies a leaf that is not blank.
            return without_key(
                require(context.state.tree.leaf(remove.removed), Rule::remove_target_is_member));
          },
          [&](const PreSharedKey& psk) { return without_key(check_psk(psk.psk, context.state.suite())); },
          [&](const ReInit& reinit) {
            // RFC 9420 §12.1.5: the new group's version is not below this one's.
            return without_key(
                require(reinit.version >= context.state.context.version, Rule::reinit_version));
          },
          [&](const ExternalInit&) {
            // RFC 9420 §12.1.6, §12.2: only a new member's own commit has it.
            return without_key(
                require(sender.type == SenderType::new_member_commit, Rule::external_init_placement));
          },
          [&](const GroupContextExtensions& replacement) {
            return without_key(check_context_extensions(context, replacement.extensions));
          },
      },
      proposal.value);
}

Result<void> check_list(std::span<const ListedProposal> list, const Sender& committer) {
  WARDLINE_MLS_TRY(check_psk_ids(list));
  if (committer.type == SenderType::new_member_commit) return check_external_list(list);
  WARDLINE_MLS_TRY(check_leaf_changes(list, committer.leaf()));
  return check_repetitions(list);
}

}  // namespace wardline::mls
