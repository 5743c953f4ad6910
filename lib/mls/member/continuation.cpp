#include "lib/mls/member/continuation.h"

#include <algorithm>

#include "lib/crypto/random.h"
#include "lib/mls/member/group_pending.h"

namespace wardline::mls {
namespace {

/// Whether everybody in `group` was in `before`, each as one member of it.
bool are_members_of(const PublicState& group, const RatchetTree& before, const Validation& validation) {
  std::vector<const LeafNode*> left;
  before.for_each_member([&](LeafIndex, const LeafNode& leaf) { left.push_back(&leaf); });
  bool all = true;
  group.tree.for_each_member([&](LeafIndex, const LeafNode& leaf) {
    // The same client may come with a new credential: whether it is the same says the authentication service.
    const auto old = std::ranges::find_if(left, [&](const LeafNode* each) {
      return each->credential == leaf.credential ||
             validation.credentials.accepts_successor(each->credential, leaf.credential);
    });
    if (old == left.end()) {
      all = false;
    } else {
      left.erase(old);
    }
  });
  return all;
}

Result<void> check_reinit(const PublicState& group, const Group& predecessor, const Validation& validation) {
  const auto& reinit = predecessor.reinit();
  const GroupContext& context = group.context;
  // RFC 9420 §11.2: id, version, suite and extensions are those of the ReInit proposal.
  if (!reinit || context.group_id != reinit->group_id || context.version != reinit->version ||
      context.cipher_suite != reinit->cipher_suite || context.extensions != reinit->extensions) {
    return broken(Rule::reinit_parameters);
  }
  // RFC 9420 §11.2: nobody is left out or added.
  const bool same_size = group.tree.member_count() == predecessor.tree().member_count();
  return require(same_size && are_members_of(group, predecessor.tree(), validation), Rule::reinit_members);
}

Result<void> check_branch(const PublicState& group, const Group& predecessor, const Validation& validation) {
  // RFC 9420 §11.3: version and suite of the group that it comes from.
  const GroupContext& old = predecessor.context();
  if (group.context.version != old.version || group.context.cipher_suite != old.cipher_suite ||
      group.context.group_id == old.group_id) {
    return broken(Rule::branch_parameters);
  }
  return require(are_members_of(group, predecessor.tree(), validation), Rule::branch_members);
}

}  // namespace

std::optional<ResumptionPskUsage> continuation_usage(const PreSharedKeyId& id) {
  const auto* resumption = std::get_if<ResumptionPskId>(&id.key);
  if (!resumption || resumption->usage == ResumptionPskUsage::application) return std::nullopt;
  return resumption->usage;
}

bool is_resumption_of(const PreSharedKeyId& id, const Group& group) {
  const auto* resumption = std::get_if<ResumptionPskId>(&id.key);
  return resumption && resumption->psk_group_id == group.group_id() && resumption->psk_epoch == group.epoch();
}

Result<void> check_continuation(const PublicState& group, std::span<const PreSharedKeyId> psks,
                                const Group* predecessor, const Validation& validation) {
  const PreSharedKeyId* continuing = nullptr;
  for (const PreSharedKeyId& id : psks) {
    if (!continuation_usage(id)) continue;
    // RFC 9420 §12.4.3.1: at most one PSK says that the group continues another.
    if (continuing) return broken(Rule::continuation_psk_alone);
    continuing = &id;
  }
  if (!continuing) return {};
  // RFC 9420 §11.2, §11.3: the group that is continued is known, and its present epoch is meant.
  if (!predecessor || !is_resumption_of(*continuing, *predecessor)) return broken(Rule::continuation_known);
  // RFC 9420 §11.2, §11.3: a continuation is joined through its first commit.
  if (group.context.epoch != 1) return broken(Rule::continuation_epoch);
  return continuation_usage(*continuing) == ResumptionPskUsage::reinit
             ? check_reinit(group, *predecessor, validation)
             : check_branch(group, *predecessor, validation);
}

Result<Group::Continuation> Group::continue_as(NewGroup parameters, std::vector<KeyPackage> members,
                                               ResumptionPskUsage usage, const Group& predecessor,
                                               const crypto::Signer& signer, const Environment& environment) {
  auto group = create(std::move(parameters), signer, environment);
  if (!group) return std::unexpected(group.error());
  Psk psk = predecessor.resumption_psk(usage);
  psk.id.psk_nonce = crypto::random_bytes(group->suite().hash_size);

  CommitRequest request;
  for (KeyPackage& member : members) request.proposals.push_back({Add{std::move(member)}});
  const std::vector<PreSharedKeyId> psk_ids{psk.id};
  auto bundle = group->commit_selected(std::move(request), std::move(psk), signer, environment);
  if (!bundle) return std::unexpected(bundle.error());
  WARDLINE_MLS_TRY(
      check_continuation(group->pending_->next.group, psk_ids, &predecessor, environment.validation));
  return Continuation{std::move(*group), std::move(*bundle)};
}

Result<Group::Continuation> Group::reinitialise(std::vector<KeyPackage> members, LeafDescription leaf,
                                                Lifetime lifetime, const crypto::Signer& signer,
                                                const Environment& environment) const {
  const auto& reinit = state_.group.reinit;
  // RFC 9420 §11.2: only a ReInit that was committed leads to a new group.
  if (!reinit) return broken(Rule::reinit_committed);
  const Suite* suite = crypto::find_suite(reinit->cipher_suite);
  if (!suite) return broken(Rule::reinit_suite_supported);
  NewGroup parameters{*suite, reinit->group_id, std::move(leaf), lifetime, reinit->extensions, config_};
  return continue_as(std::move(parameters), std::move(members), ResumptionPskUsage::reinit, *this, signer,
                     environment);
}

Result<Group::Continuation> Group::branch(GroupId group_id, Extensions extensions,
                                          std::vector<KeyPackage> members, LeafDescription leaf,
                                          Lifetime lifetime, const crypto::Signer& signer,
                                          const Environment& environment) const {
  WARDLINE_MLS_TRY(check_can_send(signer));
  NewGroup parameters{suite(),  std::move(group_id),   std::move(leaf),
                      lifetime, std::move(extensions), config_};
  return continue_as(std::move(parameters), std::move(members), ResumptionPskUsage::branch, *this, signer,
                     environment);
}

}  // namespace wardline::mls
