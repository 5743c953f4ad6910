// What a member does with messages of the group (RFC 9420 §6, §12.4.2).
#include <algorithm>

#include "lib/mls/member/group.h"
#include "lib/mls/member/group_pending.h"

namespace wardline::mls {

Result<Event> Group::receive(const MlsMessage& message, const Environment& environment) {
  if (removed_) return broken(Rule::still_member);
  // This member's own commit cannot be processed from the wire: it is told by being the same message.
  if (pending_ && message == pending_->message) return OwnCommitAccepted{pending_->next.epoch()};
  if (const auto* public_message = message.as<PublicMessage>())
    return receive_public(*public_message, environment);
  if (const auto* private_message = message.as<PrivateMessage>()) {
    return receive_private(*private_message, environment);
  }
  return broken(Rule::message_for_group);
}

Result<Event> Group::receive_public(const PublicMessage& message, const Environment& environment) {
  const auto verified = verify_message(state_.group, message);
  if (!verified) return std::unexpected(verified.error());
  if (message.content.sender.type == SenderType::member) {
    WARDLINE_MLS_TRY(verify_membership_tag(suite(), message, state_.secrets.membership_key.view(),
                                           tls::encode(context())));
  }
  return handle(*verified, environment);
}

Result<Event> Group::receive_private(const PrivateMessage& message, const Environment& environment) {
  if (message.group_id != group_id()) return broken(Rule::private_message_group);
  const bool application = message.content_type == ContentType::application;
  if (message.epoch != epoch()) {
    const auto past = std::ranges::find_if(
        past_, [&](const PastEpoch& each) { return each.group.context.epoch == message.epoch; });
    if (!application || past == past_.end()) return broken(Rule::epoch_kept);
    return open_application(message, past->group, past->sender_data_secret.view(), past->keys);
  }
  const ByteView sender_data_secret = state_.secrets.sender_data_secret.view();
  if (application) return open_application(message, state_.group, sender_data_secret, state_.keys);

  auto opened =
      unprotect_private(suite(), message, state_.keys, sender_data_secret, own_leaf(), config_.ratchets);
  if (!opened) return std::unexpected(opened.error());
  const auto verified = verify_content(state_.group, std::move(opened->content));
  if (!verified) return std::unexpected(verified.error());
  auto event = handle(*verified, environment);
  // A message that broke a rule may be looked at again, for example once a PSK has arrived.
  if (event) state_.keys.consume(std::move(opened->key), config_.ratchets);
  return event;
}

Result<Event> Group::open_application(const PrivateMessage& message, PublicState& group,
                                      ByteView sender_data_secret, SecretTree& keys) {
  auto opened = unprotect_private(suite(), message, keys, sender_data_secret, own_leaf(), config_.ratchets);
  if (!opened) return std::unexpected(opened.error());
  const auto verified = verify_content(group, std::move(opened->content));
  if (!verified) return std::unexpected(verified.error());
  keys.consume(std::move(opened->key), config_.ratchets);
  const LeafIndex sender = verified->sender().leaf();
  group.tree.keep_signature_key(sender, verified->key());  // Who has sent once will send again.
  return ApplicationMessage{.sender = sender,
                            .sender_leaf = *group.tree.leaf(sender),
                            .epoch = message.epoch,
                            .generation = opened->generation,
                            .authenticated_data = message.authenticated_data,
                            .data = SecretBytes(ByteView(verified->application_data()->data))};
}

Result<Event> Group::handle(const VerifiedContent& content, const Environment& environment) {
  if (content.commit()) return stage(content, environment);
  auto reference = keep_proposal(content, environment);
  if (!reference) return std::unexpected(reference.error());
  return ReceivedProposal{std::move(*reference), content.sender(), content.proposal()->type()};
}

Result<ProposalRef> Group::keep_proposal(const VerifiedContent& content, const Environment& environment) {
  const std::size_t before = proposals_.size();
  auto reference = cache_proposal(proposals_, state_.group, content, environment.validation);
  if (reference && proposals_.size() != before) arrival_.push_back(*reference);
  return reference;
}

Result<Event> Group::stage(const VerifiedContent& content, const Environment& environment) const {
  const Sender& sender = content.sender();
  if (sender == Sender::member(own_leaf())) return broken(Rule::own_commit_pending);
  auto staged = stage_commit(state_.group, content, proposals_, environment.validation);
  if (!staged) return std::unexpected(staged.error());

  ReceivedCommit commit{std::move(*staged)};
  commit.authenticated_data_ = content.get().content.authenticated_data;
  const auto& removed = commit.changes().removed;
  if (std::ranges::find(removed, own_leaf(), &MemberChange::leaf) != removed.end()) return commit;
  auto next = next_state(commit.staged_, content, environment);
  if (!next) return std::unexpected(next.error());
  commit.next_ = std::move(*next);
  return commit;
}

// RFC 9420 §12.4.2: the part that needs secrets.
Result<MemberState> Group::next_state(const StagedCommit& staged, const VerifiedContent& content,
                                      const Environment& environment) const {
  const auto known = [this](const PreSharedKeyId& id) { return own_resumption_psk(id); };
  const auto psks = find_psks(staged.changes.psks, known, environment.psks);
  if (!psks) return std::unexpected(psks.error());
  auto private_tree = private_tree_after(staged.changes);
  if (!private_tree) return std::unexpected(private_tree.error());

  PathSecret commit_secret = no_commit_secret(suite());
  if (staged.has_path) {
    auto opened = private_tree->open_path(staged.next.tree, staged.committer, *content.commit()->path,
                                          staged.changes.added_leaves(), tls::encode(staged.provisional));
    if (!opened) return std::unexpected(opened.error());
    commit_secret = std::move(*opened);
  }
  SecretBytes init_secret = state_.secrets.init_secret.copy();
  if (staged.changes.external_init) {
    // RFC 9420 §8.3: an external joiner's init secret comes through the group's external key.
    auto imported = import_external_init(suite(), state_.secrets, staged.changes.external_init->kem_output);
    if (!imported) return broken(Rule::external_init_opens);
    init_secret = std::move(*imported);
  }
  const EpochEntry entry =
      enter_by_commit(suite(), init_secret.view(), commit_secret, *psks, staged.next.context);
  return confirm_epoch(staged.next, std::move(*private_tree), entry);
}

// If the commit covers an Update of this member's, its leaf has the key that was made for that.
Result<PrivateTree> Group::private_tree_after(const Changes& changes) const {
  PrivateTree private_tree = state_.private_tree;
  const auto own = std::ranges::find(changes.updated, own_leaf(), &MemberChange::leaf);
  if (own == changes.updated.end()) return private_tree;
  const auto key = own_updates_.find(own->node.encryption_key);
  if (key == own_updates_.end()) return broken(Rule::own_update_known);
  private_tree.set_leaf_key(key->second.copy());
  return private_tree;
}

}  // namespace wardline::mls
