// What a script can have devices, server and attacker do.
#include "lib/mls/public/decode.h"
#include "tests/fuzz/mls_world.h"

namespace wardline::fuzz {

using namespace mls;

void MlsWorld::step(Input& input) {
  const std::size_t what = input.below(16);
  const std::size_t device = input.below(kDevices);
  switch (what) {
    case 0:
      return protect(device, input);
    case 1:
      return propose(device, input);
    case 2:
    case 3:
      return commit(device, input);
    case 4:
      return send_pending(device);
    case 5:
      commit(device, input);
      return send_pending(device);
    case 6:
    case 7:
      return catch_up(device, 1 + input.below(16));
    case 8:
      return join_externally(device, input);
    case 9:
      return propose_from_outside(input);
    case 10:
      return deliver_any(device, input);
    case 11:
      return deliver_damaged(device, input);
    case 12:
      return deliver_made_up(device, input);
    case 13:
      return damage_joining(input);
    case 14:
      return reload(device, input);
    default:
      return commit_lost(device);
  }
}

void MlsWorld::protect(std::size_t device, Input& input) {
  if (!takes_part(device)) return;
  Member& member = devices_[device];
  const Bytes before = snapshot(*member.group);
  const Bytes plaintext = concat(input.take(input.byte()), as_bytes(std::to_string(log_.size())));
  const auto message = member.group->protect(plaintext, input.take(input.below(16)), member.signer);
  if (!message) {
    FUZZ_CHECK(snapshot(*member.group) == before, "sending that is refused changes nothing");
  } else if (member.group->epoch() == server_->epoch()) {
    accept(*message, device, plaintext);
  } else {
    honest_.insert(tls::encode(*message));
  }
}

Proposal MlsWorld::some_proposal(std::size_t device, Input& input) {
  const LeafIndex leaf{static_cast<std::uint32_t>(input.below(8))};
  switch (input.below(8)) {
    case 0:
    case 1:
      return {Remove{leaf}};
    case 2:
      return {PreSharedKey{
          {ExternalPskId{to_bytes(as_bytes(input.flag() ? "psk" : "none"))}, Bytes(suite_.hash_size)}}};
    case 3: {
      Extensions extensions{
          make_extension(ExternalSenders{{{server_signer_.public_key(), Credential::basic({'s'})}}})};
      if (input.flag()) extensions.push_back({ExtensionType{0xF001}, to_bytes(input.take(input.below(16)))});
      return {GroupContextExtensions{std::move(extensions)}};
    }
    case 4:
      return {ReInit{{'r'}, ProtocolVersion::mls10, suite_.id, {}}};
    case 5: {  // Whatever the bytes say.
      auto proposal = tls::decode<Proposal>(input.bytes());
      if (proposal) return std::move(*proposal);
      [[fallthrough]];
    }
    default: {
      Member& newcomer = devices_[(device + leaf.value) % kDevices];
      auto bundle =
          KeyPackageBundle::create(suite_, newcomer.signer, newcomer.description, {1000, 2000}).value();
      return {Add{bundle.key_package()}};
    }
  }
}

void MlsWorld::propose(std::size_t device, Input& input) {
  if (!takes_part(device)) return;
  Member& member = devices_[device];
  const Bytes before = snapshot(*member.group);
  Result<MlsMessage> message = broken(Rule::still_member);
  switch (input.below(4)) {
    case 0:
      message = member.group->propose_update({}, member.signer, environment_);
      break;
    case 1:
      message = member.group->propose_leaving(member.signer, environment_);
      break;
    default:
      message = member.group->propose(some_proposal(device, input), member.signer, environment_);
  }
  if (!message) {
    FUZZ_CHECK(snapshot(*member.group) == before, "a proposal that is refused changes nothing");
  } else if (member.group->epoch() == server_->epoch()) {
    accept_handshake(*message, device);
  } else {
    honest_.insert(tls::encode(*message));
  }
}

void MlsWorld::commit(std::size_t device, Input& input) {
  if (!takes_part(device)) return;
  Member& member = devices_[device];
  const std::uint8_t flags = input.byte();
  CommitRequest request{.with_cached = (flags & 1) == 0,
                        .with_path = (flags & 2) != 0,
                        .tree_in_welcome = (flags & 4) == 0,
                        .authenticated_data = to_bytes(input.take(flags >> 6))};
  std::optional<KeyPackageBundle> invited_with;
  if ((flags & 8) != 0) {  // A newcomer who will join.
    const std::size_t invited = input.below(kDevices);
    invited_with = KeyPackageBundle::create(suite_, devices_[invited].signer, devices_[invited].description,
                                            {1000, 2000})
                       .value();
    request.proposals.push_back({Add{invited_with->key_package()}});
    member.invited = invited;
  }
  for (int more = flags >> 4 & 3; more > 0; --more) request.proposals.push_back(some_proposal(device, input));

  const Bytes before = snapshot(*member.group);
  const bool had_pending = member.group->has_pending();
  auto bundle = member.group->commit(std::move(request), member.signer, environment_);
  if (!bundle) {
    FUZZ_CHECK(snapshot(*member.group) == before, "a commit that is refused changes nothing");
    return;
  }
  for (const auto* each : {&bundle->commit, &bundle->group_info}) honest_.insert(tls::encode(*each));
  if (bundle->welcome) honest_.insert(tls::encode(*bundle->welcome));
  if ((flags & 0x80) != 0) {
    member.group->discard_pending();
    FUZZ_CHECK(had_pending || snapshot(*member.group) == before, "a discarded commit leaves no trace");
    member.pending.reset();
    return;
  }
  member.pending = std::move(*bundle);
  member.invited_with = std::move(invited_with);
}

void MlsWorld::send_pending(std::size_t device) {
  Member& member = devices_[device];
  if (!takes_part(device) || !member.pending || !member.group->has_pending()) return;
  CommitBundle bundle = std::move(*member.pending);
  member.pending.reset();
  if (member.group->epoch() != server_->epoch()) {
    const auto verified = server_->verify(ReceivedMessage(*bundle.commit.as<PublicMessage>()));
    FUZZ_CHECK(!verified.has_value(), "one commit per epoch: the server refuses the late one");
    member.pending = std::move(bundle);
    return;
  }
  accept_handshake(bundle.commit, device);
  FUZZ_CHECK(verify_group_info(server_->state(), *bundle.group_info.as<GroupInfo>()).has_value(),
             "the GroupInfo of a commit describes the epoch after it");
  auto echo = member.group->receive(bundle.commit, environment_);
  FUZZ_CHECK(echo.has_value() && std::holds_alternative<OwnCommitAccepted>(*echo),
             "one's own commit is known again");
  FUZZ_CHECK(member.group->merge_pending().has_value(), "a commit that the server took can be merged");
  group_info_ = std::move(bundle.group_info);
  if (!bundle.welcome || !member.invited_with) return;
  Member& newcomer = devices_[member.invited];
  const Welcome& welcome = *bundle.welcome->as<Welcome>();
  if (!Group::is_welcome_for(welcome, *member.invited_with)) return;
  auto joined = Group::join(welcome, *member.invited_with, {.tree = server_->tree().to_wire()}, environment_);
  FUZZ_CHECK(joined.has_value(), "whom a commit adds can join by its Welcome");
  newcomer.group.emplace(std::move(*joined));
  newcomer.pending.reset();
  newcomer.read_to = log_.size();
  welcome_ = std::move(bundle.welcome);
}

/// After a lost race: what is left of the commit is made again.
void MlsWorld::commit_lost(std::size_t device) {
  if (!takes_part(device) || devices_[device].group->has_pending()) return;
  Member& member = devices_[device];
  auto request = member.group->take_lost_request();
  if (!request) return;
  auto bundle = member.group->commit(std::move(*request), member.signer, environment_);
  if (!bundle) return;
  honest_.insert(tls::encode(bundle->commit));
  member.pending = std::move(*bundle);
  member.invited_with.reset();
  send_pending(device);
}

void MlsWorld::catch_up(std::size_t device, std::size_t entries) {
  Member& member = devices_[device];
  for (; entries > 0 && member.read_to < log_.size(); --entries) give(device, member.read_to++);
}

void MlsWorld::join_externally(std::size_t device, Input& input) {
  if (server_->state().reinit)
    return;  // Re-initialised, which its GroupInfo does not say: the server refuses the commit.
  Member& member = devices_[device];
  ExternalJoinInput join{.tree = server_->tree().to_wire(),
                         .leaf = member.description,
                         .authenticated_data = to_bytes(input.take(input.below(4)))};
  join.replaces = server_->tree().find_member(member.signer.public_key());
  if (input.flag()) join.psks.push_back({ExternalPskId{to_bytes(as_bytes("psk"))}, Bytes(suite_.hash_size)});
  auto made =
      ExternalJoin::create(*group_info_->as<GroupInfo>(), std::move(join), member.signer, environment_);
  if (!made) return;
  const auto sealed = made->seal(key_).value();
  auto opened = ExternalJoin::unseal(key_, sealed);
  FUZZ_CHECK(opened.has_value(), "an external join survives storage");
  honest_.insert(tls::encode(opened->group_info()));
  accept_handshake(opened->commit(), device);
  group_info_ = opened->group_info();
  member.group.emplace(std::move(*opened).accept());
  member.pending.reset();
  member.read_to = log_.size();
}

void MlsWorld::propose_from_outside(Input& input) {
  Result<PublicMessage> message = broken(Rule::still_member);
  std::size_t sender = kServer;
  if (input.flag()) {
    message = propose_externally(server_->context().group_id, server_->epoch(),
                                 static_cast<std::uint32_t>(input.below(2)), some_proposal(0, input),
                                 server_signer_);
  } else {
    sender = input.below(kDevices);
    Member& joiner = devices_[sender];
    auto bundle = KeyPackageBundle::create(suite_, joiner.signer, joiner.description, {1000, 2000}).value();
    message =
        propose_joining(server_->context().group_id, server_->epoch(), bundle.key_package(), joiner.signer);
  }
  if (!message) return;
  honest_.insert(tls::encode(MlsMessage{*message}));
  const auto verified = server_->verify(ReceivedMessage(*message));
  if (verified && server_->add_proposal(*verified, validation_)) accept({std::move(*message)}, kServer);
}

void MlsWorld::deliver_any(std::size_t device, Input& input) {
  if (!log_.empty()) give_hostile(device, log_[input.word() % log_.size()].wire);
}

void MlsWorld::deliver_damaged(std::size_t device, Input& input) {
  if (log_.empty()) return;
  const Bytes& other = log_[input.word() % log_.size()].wire;
  const Bytes wire =
      damaged(log_[log_.size() - 1 - input.below(std::min<std::size_t>(log_.size(), 8))].wire, other, input);
  give_hostile(device, wire);
  give_server_hostile(wire);
}

/// Bytes of the attacker's own, bare or as the body of a message that names the right group and epoch.
void MlsWorld::deliver_made_up(std::size_t device, Input& input) {
  const std::size_t form = input.below(4);
  const Bytes body = to_bytes(input.bytes());
  MlsMessage message;
  if (form == 0) return give_hostile(device, body);
  if (form == 1) {
    PrivateMessage closed{{'g'}, server_->epoch(), ContentType::application, {}, {}, {}};
    closed.encrypted_sender_data = to_bytes(input.take(28));
    closed.ciphertext = body;
    message.value = std::move(closed);
  } else {
    PublicMessage open{
        {{'g'}, server_->epoch(), Sender::member({static_cast<std::uint32_t>(input.below(8))}), {}, {}},
        {},
        Bytes(suite_.hash_size)};
    tls::Reader in(body);
    read_content(in, form == 2 ? ContentType::proposal : ContentType::commit, open.content.content);
    if (!in.ok()) return;
    open.auth.signature = to_bytes(input.take(64));
    if (form == 3) open.auth.confirmation_tag = Bytes(suite_.hash_size);
    message.value = std::move(open);
  }
  const Bytes wire = tls::encode(message);
  give_hostile(device, wire);
  give_server_hostile(wire);
}

/// What joiners start from, altered: nobody joins by it.
void MlsWorld::damage_joining(Input& input) {
  Member joiner(suite_, "joiner");
  const Bytes info_wire = tls::encode(*group_info_);
  const bool spoil_tree = input.flag();
  const Bytes tree_wire = tls::encode(server_->tree().to_wire());
  const Bytes spoilt =
      damaged(spoil_tree ? tree_wire : info_wire, log_.empty() ? ByteView() : log_.back().wire, input);
  const auto info = decode_message(spoil_tree ? info_wire : spoilt);
  const auto tree = mls::decode<RatchetTreeWire>(spoil_tree ? spoilt : tree_wire);
  if (!info || !tree || !info->as<GroupInfo>()) return;
  const auto followed = PublicGroup::create(*info->as<GroupInfo>(), *tree, validation_);
  ExternalJoinInput join{.tree = *tree, .leaf = joiner.description};
  const auto joined =
      ExternalJoin::create(*info->as<GroupInfo>(), std::move(join), joiner.signer, environment_);
  const bool same = spoil_tree ? spoilt == tree_wire : honest_.contains(spoilt);
  FUZZ_CHECK(same || (!followed && !joined), "nobody starts from a GroupInfo or tree that was altered");
}

void MlsWorld::reload(std::size_t device, Input& input) {
  if (!devices_[device].group) return;
  std::optional<Group>& group = devices_[device].group;
  const Bytes sealed = group->serialize(key_).value();
  const Bytes ratchets = group->serialize_ratchets(key_).value();
  auto loaded = Group::load(key_, sealed);
  FUZZ_CHECK(loaded.has_value(), "a group survives storage");
  FUZZ_CHECK(snapshot(*loaded) == snapshot(*group), "a group is the same after storage");
  const Bytes spoilt = damaged(sealed, ratchets, input);
  FUZZ_CHECK(spoilt == sealed || !Group::load(key_, spoilt), "sealed state that was altered does not open");
  const Bytes before = snapshot(*loaded);
  const Bytes spoilt_ratchets = damaged(ratchets, sealed, input);
  FUZZ_CHECK(spoilt_ratchets == ratchets || !loaded->restore_ratchets(key_, spoilt_ratchets),
             "sealed ratchets that were altered do not open");
  FUZZ_CHECK(snapshot(*loaded) == before, "ratchets that are refused change nothing");
  FUZZ_CHECK(loaded->restore_ratchets(key_, ratchets).has_value() && snapshot(*loaded) == before,
             "ratchets are the same after storage");
  group.emplace(std::move(*loaded));
}

}  // namespace wardline::fuzz
