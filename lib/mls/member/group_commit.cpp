// What a member sends: application messages, proposals and commits (RFC 9420 §6, §12).
#include <algorithm>

#include "lib/mls/member/commit_selection.h"
#include "lib/mls/member/group.h"
#include "lib/mls/member/group_pending.h"

namespace wardline::mls {

Result<MlsMessage> Group::protect(ByteView data, ByteView authenticated_data, const crypto::Signer& signer) {
  WARDLINE_MLS_TRY(check_can_send(signer));
  // RFC 9420 §12.4: who was to be removed must not be able to read what is sent after that was proposed.
  if (!proposals_.empty()) return broken(Rule::committed_before_application);
  FramedContent framed{group_id(), epoch(), Sender::member(own_leaf()), to_bytes(authenticated_data),
                       ApplicationData{to_bytes(data)}};
  auto content =
      sign_framed_content(signer, WireFormat::private_message, std::move(framed), tls::encode(context()));
  if (!content) return std::unexpected(content.error());
  auto message = protect_private(suite(), *content, state_.keys, state_.secrets.sender_data_secret.view(),
                                 config_.padding);
  wipe(std::get<ApplicationData>(content->content.content).data);
  if (!message) return std::unexpected(message.error());
  return MlsMessage{std::move(*message)};
}

Result<MlsMessage> Group::send_handshake(AuthenticatedContent content) {
  if (content.wire_format == WireFormat::public_message) {
    return MlsMessage{protect_public(suite(), std::move(content), state_.secrets.membership_key.view(),
                                     tls::encode(context()))};
  }
  auto message = protect_private(suite(), content, state_.keys, state_.secrets.sender_data_secret.view(),
                                 config_.padding);
  if (!message) return std::unexpected(message.error());
  return MlsMessage{std::move(*message)};
}

Result<MlsMessage> Group::propose(Proposal proposal, const crypto::Signer& signer,
                                  const Environment& environment) {
  WARDLINE_MLS_TRY(check_can_send(signer));
  FramedContent framed{group_id(), epoch(), Sender::member(own_leaf()), {}, std::move(proposal)};
  auto content = sign_framed_content(signer, config_.handshake, std::move(framed), tls::encode(context()));
  if (!content) return std::unexpected(content.error());
  const auto verified = verify_content(state_.group, *content);
  if (!verified) return std::unexpected(verified.error());
  const auto reference = keep_proposal(*verified, environment);
  if (!reference) return std::unexpected(reference.error());
  return send_handshake(std::move(*content));
}

Result<MlsMessage> Group::propose_update(std::optional<LeafDescription> leaf, const crypto::Signer& signer,
                                         const Environment& environment) {
  WARDLINE_MLS_TRY(check_can_send(signer));
  auto key = crypto::HpkePrivateKey::generate(suite());
  if (!key) return broken(Rule::provider_available);
  LeafNode node = leaf ? make_leaf(*leaf, *key, signer) : state_.own_leaf();
  node.encryption_key = key->public_key();
  node.source = LeafNodeSource::update;
  node.lifetime = {};  // Neither is on the wire of such a leaf: the value must equal what others decode.
  node.parent_hash.clear();
  WARDLINE_MLS_TRY(sign_leaf(node, signer, group_id(), own_leaf()));
  auto message = propose({Update{std::move(node)}}, signer, environment);
  if (message) own_updates_.insert_or_assign(key->public_key(), std::move(*key));
  return message;
}

Result<MlsMessage> Group::propose_leaving(const crypto::Signer& signer, const Environment& environment) {
  return propose({Remove{own_leaf()}}, signer, environment);
}

Result<CommitBundle> Group::commit(CommitRequest request, const crypto::Signer& signer,
                                   const Environment& environment) {
  WARDLINE_MLS_TRY(check_can_send(signer));
  if (pending_) return broken(Rule::one_pending_commit);
  return commit_selected(std::move(request), std::nullopt, signer, environment);
}

Result<CommitBundle> Group::commit_selected(CommitRequest request, std::optional<Psk> continuation,
                                            const crypto::Signer& signer, const Environment& environment) {
  Selection selection = select_proposals(request, state_.group, proposals_, arrival_, own_leaf());
  CommitDraft draft{.before = state_.group,
                    .init_secret = state_.secrets.init_secret.view(),
                    .sender = Sender::member(own_leaf()),
                    .private_tree = &state_.private_tree,
                    .list = std::move(selection.list),
                    .proposals = std::move(selection.proposals),
                    .continuation_psk = {},
                    .with_path = false,
                    .leaf = state_.own_leaf(),
                    .wire_format = config_.handshake,
                    .authenticated_data = request.authenticated_data};
  draft.with_path = request.with_path || request.leaf || is_path_required(draft.list);
  if (request.leaf) describe(*draft.leaf, *request.leaf);
  if (continuation) draft.continuation_psk = continuation->id;

  const KnownPsks known = [&](const PreSharedKeyId& id) -> std::optional<SecretBytes> {
    if (continuation && id == continuation->id) return continuation->secret.copy();
    return own_resumption_psk(id);
  };
  auto built = build_commit(std::move(draft), signer, {known, environment.psks}, environment.validation);
  if (!built) return std::unexpected(built.error());
  return finish_commit(std::move(*built), std::move(request), selection.added, signer);
}

Result<CommitBundle> Group::finish_commit(BuiltCommit built, CommitRequest request,
                                          std::span<const KeyPackage* const> added,
                                          const crypto::Signer& signer) {
  auto info = make_group_info(built.next, signer, {});
  if (!info) return std::unexpected(info.error());
  std::optional<MlsMessage> welcome;
  if (!added.empty()) {
    auto welcome_info =
        request.tree_in_welcome
            ? make_group_info(built.next, signer, {.with_tree = true, .with_external_pub = false})
            : *info;
    if (!welcome_info) return std::unexpected(welcome_info.error());
    auto made = make_welcome(built, added, *welcome_info);
    if (!made) return std::unexpected(made.error());
    welcome = MlsMessage{std::move(*made)};
  }
  auto message = send_handshake(std::move(built.content));
  if (!message) return std::unexpected(message.error());
  pending_ = std::make_unique<Pending>(*message, std::move(built.next), std::move(request));
  return CommitBundle{std::move(*message), std::move(welcome), MlsMessage{std::move(*info)}};
}

}  // namespace wardline::mls
