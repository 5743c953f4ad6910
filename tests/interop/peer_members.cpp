#include "lib/mls/public/external_proposal.h"
#include "tests/interop/peer_call.h"

namespace wardline::interop {

using namespace mls;

namespace {

constexpr std::uint64_t kDay = 24ULL * 60 * 60;

Bytes encode_message(MlsMessage message) { return tls::encode(message); }

}  // namespace

Done Peer::Call::new_member() {
  const Suite* suite = crypto::find_suite(take<CipherSuite>(in_));
  if (!suite) return bad("no such suite");
  auto signer = crypto::SigningKey::generate(suite->signature);
  if (!signer) return bad("no key");
  const NewMember made{++peer_.last_member_, signer->public_key()};
  peer_.members_.emplace(made.member, Member{*suite, std::move(*signer)});
  return give(Result<NewMember>(made));
}

Done Peer::Call::key_package(Member& member) {
  auto bundle = KeyPackageBundle::create(member.suite, member.signer, member.leaf, lifetime());
  if (!bundle) return refused(bundle.error());
  const Bytes message = encode_message({bundle->key_package()});
  member.key_packages.emplace(bundle->reference(), std::move(*bundle));
  return give(Result<Bytes>(message));
}

Done Peer::Call::create(Member& member) {
  NewGroup group{.suite = member.suite,
                 .group_id = take<Bytes>(in_),
                 .leaf = member.leaf,
                 .lifetime = lifetime(),
                 .extensions = take<Extensions>(in_),
                 .config = config()};
  auto created = Group::create(std::move(group), member.signer, peer_.environment_);
  if (!created) return refused(created.error());
  member.group.emplace(std::move(*created));
  return {};
}

Done Peer::Call::join(Member& member) {
  const auto welcome = take_message<Welcome>(in_);
  if (!welcome) return bad(welcome.error());
  auto tree = take_tree(in_);
  if (!tree) return refused(tree.error());
  JoinInput input{.tree = std::move(*tree), .continues = nullptr, .config = config()};
  for (const auto& [reference, bundle] : member.key_packages) {
    if (!Group::is_welcome_for(*welcome, bundle)) continue;
    auto joined = Group::join(*welcome, bundle, std::move(input), peer_.environment_);
    if (!joined) return refused(joined.error());
    member.group.emplace(std::move(*joined));
    member.key_packages.erase(reference);
    return {};
  }
  return bad("the Welcome is for none of the key packages");
}

Done Peer::Call::join_externally(Member& member) {
  const auto info = take_message<GroupInfo>(in_);
  if (!info) return bad(info.error());
  auto tree = take_tree(in_);
  if (!tree) return refused(tree.error());
  ExternalJoinInput input{.tree = std::move(*tree), .leaf = member.leaf, .config = {}};
  input.replaces = take<std::optional<LeafIndex>>(in_);
  input.config = config();
  auto join = ExternalJoin::create(*info, std::move(input), member.signer, peer_.environment_);
  if (!join) return refused(join.error());
  member.joining.emplace(std::move(*join));
  return give(
      Result<Bundle>({tls::encode(member.joining->commit()), {}, tls::encode(member.joining->group_info())}));
}

Done Peer::Call::propose_as_outsider(Member& member) {
  const auto group_id = take<Bytes>(in_);
  const auto epoch = take<std::uint64_t>(in_);
  const auto sender = take<std::uint32_t>(in_);
  auto proposal = propose_externally(group_id, epoch, sender, take<Proposal>(in_), member.signer);
  if (!proposal) return refused(proposal.error());
  return give(Result<Bytes>(encode_message({std::move(*proposal)})));
}

Done Peer::Call::receive(Group& group) {
  const auto message = decode_message(take<Bytes>(in_));
  if (!message) return refused(message.error());
  auto event = group.receive(*message, peer_.environment_);
  if (!event) return refused(event.error());
  if (auto* commit = std::get_if<ReceivedCommit>(&*event)) {
    const Received seen{.kind = EventKind::commit,
                        .epoch = commit->next_context().epoch,
                        .sender = commit->committer().value,
                        .removed_self = commit->removes_this_member() ? std::uint8_t{1} : std::uint8_t{0}};
    if (const auto merged = group.merge(std::move(*commit)); !merged) return refused(merged.error());
    return give(Result<Received>(seen));
  }
  if (std::holds_alternative<OwnCommitAccepted>(*event)) {
    if (const auto merged = group.merge_pending(); !merged) return refused(merged.error());
    return give(Result<Received>({.kind = EventKind::own_commit, .epoch = group.epoch()}));
  }
  if (const auto* proposal = std::get_if<ReceivedProposal>(&*event)) {
    return give(Result<Received>(
        {.kind = EventKind::proposal, .epoch = group.epoch(), .sender = proposal->sender.index}));
  }
  const auto& opened = std::get<ApplicationMessage>(*event);
  return give(Result<Received>({.kind = EventKind::application,
                                .epoch = opened.epoch,
                                .sender = opened.sender.value,
                                .data = to_bytes(opened.data.view()),
                                .authenticated_data = opened.authenticated_data}));
}

Done Peer::Call::store_and_load(Group& group) {
  const SealingKey key = SealingKey::generate();
  const auto whole = group.serialize(key);
  if (!whole) return refused(whole.error());
  auto loaded = Group::load(key, *whole);
  if (!loaded) return refused(loaded.error());
  group = std::move(*loaded);
  return {};
}

Done Peer::Call::view_sealed() {
  auto key = SealingKey::create(take<SecretBytes>(in_));
  if (!key) return refused(key.error());
  auto group = Group::load(*key, take<Bytes>(in_));
  if (!group) return refused(group.error());
  if (const auto ratchets = take<Bytes>(in_); !ratchets.empty()) {
    if (const auto restored = group->restore_ratchets(*key, ratchets); !restored)
      return refused(restored.error());
  }
  return give(view_of(*group));
}

Lifetime Peer::Call::lifetime() const { return {now_ - kDay, now_ + 30 * kDay}; }

GroupConfig Peer::Call::config() {
  GroupConfig config;
  config.handshake = take<WireFormat>(in_);
  return config;
}

}  // namespace wardline::interop
