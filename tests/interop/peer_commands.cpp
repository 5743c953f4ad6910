#include "lib/mls/public/external_proposal.h"
#include "tests/interop/peer_call.h"

namespace wardline::interop {

using namespace mls;

namespace {

Bundle encode_bundle(const CommitBundle& bundle) {
  Bundle encoded{tls::encode(bundle.commit), {}, tls::encode(bundle.group_info)};
  if (bundle.welcome) encoded.welcome = tls::encode(*bundle.welcome);
  return encoded;
}

}  // namespace

Done Peer::Call::run(Method method) {
  switch (method) {
    case Method::new_member:
      return new_member();
    case Method::add_psk: {
      const auto id = take<Bytes>(in_);
      peer_.psks_.known[id] = take<Bytes>(in_);
      return {};
    }
    case Method::view_sealed:
      return view_sealed();
    case Method::follow_group:
      return follow_group();
    case Method::follow:
    case Method::followed: {
      const auto group = peer_.followed_.find(take<Bytes>(in_));
      if (group == peer_.followed_.end()) return bad("no such group");
      return method == Method::follow ? follow(group->second) : give_followed(group->second);
    }
    case Method::forget:
      peer_.members_.erase(take<std::uint32_t>(in_));
      return {};
    default:
      break;
  }
  const auto found = peer_.members_.find(take<std::uint32_t>(in_));
  if (found == peer_.members_.end()) return bad("no such member");
  return by_member(method, found->second);
}

Done Peer::Call::by_member(Method method, Member& member) {
  switch (method) {
    case Method::describe:
      tls::read(in_, member.leaf.credential);
      member.leaf.capabilities = LeafDescription::default_capabilities(member.leaf.credential);
      for (const auto type : take<std::vector<ExtensionType>>(in_)) {
        member.leaf.capabilities.extensions.push_back(type);
      }
      return {};
    case Method::key_package:
      return key_package(member);
    case Method::create:
      return create(member);
    case Method::join:
      return join(member);
    case Method::join_externally:
      return join_externally(member);
    case Method::propose_externally:
      return propose_as_outsider(member);
    case Method::merge_pending:
      if (!member.joining) return member.group ? done(member.group->merge_pending()) : no_group();
      member.group.emplace(std::move(*member.joining).accept());
      member.joining.reset();
      return {};
    default:
      return member.group ? in_group(method, member, *member.group) : no_group();
  }
}

Done Peer::Call::in_group(Method method, Member& member, Group& group) {
  switch (method) {
    case Method::discard_pending:
      group.discard_pending();
      return {};
    case Method::commit: {
      CommitRequest request;
      tls::read(in_, request.proposals);
      request.with_cached = take<std::uint8_t>(in_) != 0;
      request.with_path = take<std::uint8_t>(in_) != 0;
      request.tree_in_welcome = take<std::uint8_t>(in_) != 0;
      return give_bundle(group.commit(std::move(request), member.signer, peer_.environment_));
    }
    case Method::commit_again: {
      auto request = group.take_lost_request();
      if (!request) return bad("no lost request");
      return give_bundle(group.commit(std::move(*request), member.signer, peer_.environment_));
    }
    case Method::propose:
      return give_message(group.propose(take<Proposal>(in_), member.signer, peer_.environment_));
    case Method::propose_update:
      return give_message(group.propose_update({}, member.signer, peer_.environment_));
    case Method::receive:
      return receive(group);
    case Method::protect: {
      const auto data = take<Bytes>(in_);
      return give_message(group.protect(data, take<Bytes>(in_), member.signer));
    }
    case Method::view:
      return give(view_of(group));
    case Method::group_info: {
      const GroupInfoContent content{.with_tree = take<std::uint8_t>(in_) != 0, .with_external_pub = true};
      return give_message(group.group_info(member.signer, content));
    }
    case Method::ratchet_tree:
      return give(Result<Bytes>(tls::encode(group.tree().to_wire())));
    case Method::store_and_load:
      return store_and_load(group);
    default:
      return bad("no such method");
  }
}

Done Peer::Call::follow_group() {
  const auto info = take_message<GroupInfo>(in_);
  if (!info) return bad(info.error());
  auto group = PublicGroup::create(*info, {}, peer_.validation_);
  if (!group) return refused(group.error());
  peer_.followed_.insert_or_assign(info->group_context.group_id, std::move(*group));
  return {};
}

Done Peer::Call::follow(PublicGroup& group) {
  auto message = ReceivedMessage::decode(take<Bytes>(in_));
  const auto info = take<std::optional<Bytes>>(in_);
  if (!message) return refused(message.error());
  const auto verified = group.verify(std::move(*message));
  if (!verified) return refused(verified.error());
  if (verified->proposal()) {
    const auto kept = group.add_proposal(*verified, peer_.validation_);
    return kept ? Done() : refused(kept.error());
  }
  auto staged = group.stage(*verified, peer_.validation_);
  if (!staged) return refused(staged.error());
  const auto applied = group.apply(std::move(*staged));
  if (!applied) return refused(applied.error());
  const auto decoded = info ? decode_message(*info) : Result<MlsMessage>(broken(Rule::malformed_message));
  if (!decoded || !decoded->as<GroupInfo>()) return bad("a commit comes with a GroupInfo");
  return done(verify_group_info(group.state(), *decoded->as<GroupInfo>()));
}

Done Peer::Call::give_followed(const PublicGroup& group) {
  return give(Result<FollowedGroup>({.epoch = group.epoch(),
                                     .tree_hash = group.context().tree_hash,
                                     .confirmed_transcript_hash = group.context().confirmed_transcript_hash,
                                     .ratchet_tree = tls::encode(group.tree().to_wire())}));
}

Done Peer::Call::give_message(const Result<MlsMessage>& message) {
  if (!message) return refused(message.error());
  return give(Result<Bytes>(tls::encode(*message)));
}

Done Peer::Call::give_bundle(const Result<CommitBundle>& bundle) {
  if (!bundle) return refused(bundle.error());
  return give(Result<Bundle>(encode_bundle(*bundle)));
}

}  // namespace wardline::interop
