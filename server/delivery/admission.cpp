#include "server/delivery/admission.h"

#include <algorithm>

namespace wardline::delivery {

using core::ErrorKind;
using core::fail;

namespace {

std::unexpected<core::Error> rejected(std::string_view code, std::string detail) {
  return fail(ErrorKind::rejected, code, std::move(detail));
}

/// The device that holds this leaf now.
std::optional<core::DeviceId> device_at(const Membership& membership, mls::LeafIndex leaf) {
  for (const auto& [device, member] : membership.devices) {
    if (member.leaf_index == leaf.value) return device;
  }
  return std::nullopt;
}

}  // namespace

std::vector<JoiningDevice> Judged::welcomed() const {
  std::vector<JoiningDevice> welcomed = joining;
  if (staged.is_external)
    std::erase_if(welcomed, [&](const auto& item) { return item.leaf_index == staged.committer.value; });
  return welcomed;
}

core::Result<std::vector<JoiningDevice>> Admission::owners_of(storage::ReadTransaction& tx,
                                                              const std::vector<mls::MemberChange>& added,
                                                              const std::unordered_set<core::UserId>& users) {
  std::vector<JoiningDevice> joining;
  for (const mls::MemberChange& change : added) {
    const auto owner = people_.owner_of(change.node.credential, parts_.clock.now());
    if (!owner || !users.contains(owner->user) || !people_.is_active_device(tx, owner->user, owner->device)) {
      return rejected("not-admitted",
                      "The commit adds a device that does not belong to a person of this conversation.");
    }
    joining.push_back({owner->user, owner->device, change.leaf.value});
  }
  return joining;
}

core::Result<void> Admission::judge(storage::ReadTransaction& tx, const policy::Subject& subject,
                                    const Membership& membership, const SendCommit& request, Judged& judged) {
  if (judged.staged.changes.context_extensions || judged.staged.changes.reinit) {
    return rejected("context-change-not-allowed",
                    "The parameters of a conversation's group are not changed by clients.");
  }
  if (membership.kind == ConversationKind::direct &&
      !(request.users_added.empty() && request.users_removed.empty())) {
    return rejected("direct-is-two",
                    "A one-to-one conversation stays between two people. Start a group instead.");
  }
  // Whoever is in it already was asked about then: so is whom somebody else added in the meantime.
  std::vector<core::UserId> newcomers = request.users_added;
  std::erase_if(newcomers, [&](const core::UserId& user) { return membership.users.contains(user); });
  auto answered = check_.answered(tx, subject, newcomers, membership.patient, request.answers);
  if (!answered) return std::unexpected(std::move(answered.error()));
  judged.answered = std::move(*answered);
  std::unordered_set<core::UserId> users = membership.users;
  users.insert(request.users_added.begin(), request.users_added.end());
  auto joining = owners_of(tx, judged.staged.changes.added, users);
  if (!joining) return std::unexpected(std::move(joining.error()));
  judged.joining = std::move(*joining);
  if (auto right = judge_committer(tx, subject, membership, judged); !right) return right;
  if (auto right = judge_removals(subject, membership, request, judged); !right) return right;
  return judge_people(membership, request, judged);
}

core::Result<void> Admission::judge_committer(storage::ReadTransaction& tx, const policy::Subject& subject,
                                              const Membership& membership, Judged& judged) {
  const core::DeviceId device = subject.device.value();
  if (!judged.staged.is_external) {
    const MemberDevice* member = membership.find(device);
    if (!member || member->removal_pending || member->leaf_index != judged.staged.committer.value) {
      return rejected("wrong-committer", "A device commits under its own leaf only.");
    }
    return {};
  }
  // RFC 9420 §12.4.3.2: a further device of somebody who belongs here, or one that lost its state, lets
  // itself in.
  const mls::LeafNode* leaf = judged.staged.next.tree.leaf(judged.staged.committer);
  const auto owner = leaf ? people_.owner_of(leaf->credential, parts_.clock.now()) : std::nullopt;
  if (!owner || owner->device != device || owner->user != subject.user ||
      !people_.is_active_device(tx, owner->user, device)) {
    return rejected("wrong-committer", "A device joins under its own certificate only.");
  }
  judged.joining.push_back({owner->user, device, judged.staged.committer.value});
  return {};
}

core::Result<void> Admission::judge_removals(const policy::Subject& subject, const Membership& membership,
                                             const SendCommit& request, Judged& judged) const {
  for (const mls::MemberChange& change : judged.staged.changes.removed) {
    const auto device = device_at(membership, change.leaf);
    if (!device)
      return rejected("removal-not-allowed", "The commit removes a leaf that no device is known to hold.");
    const MemberDevice& member = *membership.find(*device);
    const bool own = member.user == subject.user;
    const bool proposed_by_itself = std::ranges::any_of(judged.group.pending(), [&](const auto& item) {
      const auto* remove = item.second.proposal.template as<mls::Remove>();
      return remove && remove->removed == change.leaf &&
             item.second.sender == mls::Sender::member(change.leaf);
    });
    const bool whole_person =
        membership.kind == ConversationKind::group && membership.users.contains(subject.user) &&
        std::ranges::find(request.users_removed, member.user) != request.users_removed.end();
    if (!own && !member.removal_pending && !proposed_by_itself && !whole_person) {
      return rejected("removal-not-allowed",
                      "A device of somebody else is removed only with the person, or when it is revoked.");
    }
    judged.leaving.push_back(*device);
  }
  return {};
}

core::Result<void> Admission::judge_people(const Membership& membership, const SendCommit& request,
                                           Judged& judged) const {
  std::unordered_set<core::UserId> present;  // People who have a device in the group after the commit.
  for (const auto& [device, member] : membership.devices) {
    if (std::ranges::find(judged.leaving, device) == judged.leaving.end()) present.insert(member.user);
  }
  for (const JoiningDevice& device : judged.joining) present.insert(device.user);
  for (const core::UserId& user : request.users_removed) {
    if (!membership.users.contains(user)) continue;
    if (present.contains(user))
      return rejected("removal-not-allowed", "A person is removed with all of their devices.");
    judged.users_gone.push_back(user);
  }
  for (const core::UserId& user : request.users_added) {
    if (!membership.users.contains(user)) judged.users_new.push_back(user);
  }
  if (membership.users.size() + judged.users_new.size() > kMostMembers) {
    return fail(ErrorKind::too_large, "too-many-members", "A conversation has at most 1000 people.");
  }
  return {};
}

}  // namespace wardline::delivery
