// Commits of this device's: from what somebody wants to the bundle for the server.
#include "lib/conversation/conversation.h"
#include "lib/mls/public/decode.h"

namespace wardline::conversation {
namespace {

Outcome<mls::Proposal> add_of(const NewMember& member, const Context& context, UnloggedLeaves& unlogged) {
  const auto message = mls::decode_message(member.key_package);
  if (!message) return failed(message.error());
  const auto* key_package = message->as<mls::KeyPackage>();
  if (!key_package) return failed(Code::invalid_message);
  // The server says whose package this is; the certificate inside must say the same.
  if (context.device_of(key_package->leaf_node) != member.device) return failed(Code::invalid_credential);
  unlogged.look_at(key_package->leaf_node.credential);
  return mls::Proposal{mls::Add{*key_package}};
}

/// Whom a commit adds and removes, read off the commit itself.
void describe_changes(const mls::MlsMessage& message, const mls::Group& group, const Context& context,
                      PendingCommit& pending) {
  const auto* framed = message.as<mls::PublicMessage>();
  const auto* commit = framed ? std::get_if<mls::Commit>(&framed->content.content) : nullptr;
  if (!commit) return;
  for (const mls::ProposalOrRef& each : commit->proposals) {
    const auto* reference = std::get_if<mls::ProposalRef>(&each.value);
    const mls::Proposal& proposal =
        reference ? group.proposals().at(*reference).proposal : std::get<mls::Proposal>(each.value);
    if (const auto* add = proposal.as<mls::Add>()) {
      if (auto device = context.device_of(add->key_package.leaf_node))
        pending.added.push_back(std::move(*device));
    } else if (const auto* remove = proposal.as<mls::Remove>()) {
      const mls::LeafNode* leaf = group.tree().leaf(remove->removed);
      if (auto device = leaf ? context.device_of(*leaf) : std::nullopt)
        pending.removed.push_back(std::move(*device));
    }
  }
}

}  // namespace

Outcome<mls::CommitRequest> Conversation::request_for(const Intent& intent, const Context& context,
                                                      UnloggedLeaves& unlogged) const {
  mls::CommitRequest request;
  for (const NewMember& member : intent.add) {
    auto proposal = add_of(member, context, unlogged);
    if (!proposal) return std::unexpected(proposal.error());
    request.proposals.push_back(std::move(*proposal));
  }
  if (auto known = unlogged.check(); !known) return std::unexpected(known.error());
  for (const Device& device : intent.remove) {
    const auto leaf = context.leaf_of(group()->tree(), device);
    if (!leaf) return failed(Code::not_a_member);
    request.proposals.push_back({mls::Remove{*leaf}});
  }
  request.with_path = request.proposals.empty();
  return request;
}

std::set<mls::LeafIndex> Conversation::leaving(const Intent& intent, const Context& context) const {
  std::set<mls::LeafIndex> leaves;
  for (const Device& device : intent.remove) {
    if (const auto leaf = context.leaf_of(group()->tree(), device)) leaves.insert(*leaf);
  }
  for (const auto& [reference, waiting] : group()->proposals()) {
    if (const auto* remove = waiting.proposal.as<mls::Remove>()) leaves.insert(remove->removed);
  }
  return leaves;
}

Outcome<StagedCommit> Conversation::commit(Intent intent, const Context& context) {
  if (pending_) return failed(Code::commit_pending);
  if (!group() || !group()->is_active()) return failed(Code::not_a_member);
  // The leaves of whom it adds, and those in proposals of others that it commits: since these were kept, the
  // log's view may have been made anew.
  UnloggedLeaves unlogged(context.authority(), UnloggedLeaves::Mode::collect);
  // Whoever is in no log can be removed: the others need not wait for a proof that does not come.
  if (!members_proven_) {
    if (auto seen = look_at_members(leaving(intent, context), context, unlogged); !seen)
      return std::unexpected(seen.error());
  }
  auto request = request_for(intent, context, unlogged);
  if (!request) return std::unexpected(request.error());
  const auto bundle = group()->commit(std::move(*request), context.signer(), context.environment());
  if (!bundle) return failed(bundle.error());
  if (auto known = unlogged.check(); !known) {
    group()->discard_pending();
    return std::unexpected(known.error());
  }

  PendingCommit pending{.epoch = epoch(),
                        .commit = tls::encode(bundle->commit),
                        .welcome = {},
                        .group_info = tls::encode(bundle->group_info),
                        .added = {},
                        .removed = {}};
  if (bundle->welcome) pending.welcome = tls::encode(*bundle->welcome);
  describe_changes(bundle->commit, *group(), context, pending);
  pending_ = Pending{pending, std::move(intent)};
  auto state = seal();
  if (!state) {
    group()->discard_pending();
    pending_.reset();
    return std::unexpected(state.error());
  }
  return StagedCommit{std::move(pending), std::move(*state)};
}

Outcome<std::optional<StagedCommit>> Conversation::rebase(Intent intent, const Context& context) {
  if (!group() || !group()->is_active()) return failed(Code::not_a_member);
  const mls::RatchetTree& tree = group()->tree();
  std::erase_if(intent.add,
                [&](const NewMember& each) { return context.leaf_of(tree, each.device).has_value(); });
  std::erase_if(intent.remove, [&](const Device& each) { return !context.leaf_of(tree, each).has_value(); });
  if (intent.add.empty() && intent.remove.empty() && group()->proposals().empty()) {
    return std::optional<StagedCommit>();
  }
  auto staged = commit(std::move(intent), context);
  if (!staged) return std::unexpected(staged.error());
  return std::optional(std::move(*staged));
}

}  // namespace wardline::conversation
