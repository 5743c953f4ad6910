#include "tests/fuzz/mls_world.h"

#include "lib/mls/public/decode.h"

namespace wardline::fuzz {

using namespace mls;

std::optional<SecretBytes> OnePsk::find(const PreSharedKeyId& id) const {
  const auto* external = std::get_if<ExternalPskId>(&id.key);
  if (!external || as_text(external->psk_id) != "psk") return std::nullopt;
  return SecretBytes(as_bytes("a secret from elsewhere"));
}

Member::Member(const Suite& suite, const std::string& name)
    : signer(std::move(crypto::SigningKey::generate(suite.signature).value())),
      description{Credential::basic(to_bytes(as_bytes(name))), {}, {}} {
  description.capabilities = LeafDescription::default_capabilities(description.credential);
  description.capabilities.extensions.push_back(ExtensionType{0xF001});
}

MlsWorld::MlsWorld(CipherSuite suite)
    : suite_(*crypto::find_suite(suite)),
      server_signer_(std::move(crypto::SigningKey::generate(suite_.signature).value())) {
  for (std::size_t i = 0; i < kDevices; ++i) devices_.emplace_back(suite_, "device " + std::to_string(i));
  const ExternalSenders senders{{{server_signer_.public_key(), Credential::basic({'s'})}}};
  Member& first = devices_.front();
  auto group = Group::create({.suite = suite_,
                              .group_id = {'g'},
                              .leaf = first.description,
                              .lifetime = {1000, 2000},
                              .extensions = {make_extension(senders)}},
                             first.signer, environment_);
  FUZZ_CHECK(group.has_value(), "a group can be made");
  first.group.emplace(std::move(*group));
  group_info_ = first.group->group_info(first.signer, {.with_tree = true}).value();
  auto followed = PublicGroup::create(*group_info_->as<GroupInfo>(), {}, validation_);
  FUZZ_CHECK(followed.has_value(), "a new group can be followed");
  server_.emplace(std::move(*followed));
  honest_.insert(tls::encode(*group_info_));
}

/// Everything that a group is, in the clear, so that two states can be compared.
Bytes MlsWorld::snapshot(const Group& group) const {
  const auto sealed = group.serialize(key_);
  FUZZ_CHECK(sealed.has_value(), "a group can be sealed");
  return to_bytes(open_state(key_, SealedKind::group, *sealed).value().view());
}

std::set<std::size_t> MlsWorld::roster() const {
  std::set<std::size_t> present;
  for (std::size_t i = 0; i < kDevices; ++i) {
    if (server_->tree().find_member(devices_[i].signer.public_key())) present.insert(i);
  }
  return present;
}

bool MlsWorld::takes_part(std::size_t device) const {
  return devices_[device].group && devices_[device].group->is_active();
}

void MlsWorld::accept(const MlsMessage& message, std::size_t sender, std::optional<Bytes> plaintext) {
  Bytes wire = tls::encode(message);
  honest_.insert(wire);
  log_.push_back({std::move(wire), server_->epoch(), sender, std::move(plaintext), {}, roster()});
}

/// A handshake of an honest sender, who is in the server's epoch: the server has to agree.
void MlsWorld::accept_handshake(const MlsMessage& message, std::size_t sender) {
  accept(message, sender);
  auto verified = server_->verify(ReceivedMessage(*message.as<PublicMessage>()));
  FUZZ_CHECK(verified.has_value(), "the server verifies what a member makes");
  if (verified->proposal()) {
    FUZZ_CHECK(server_->add_proposal(*verified, validation_).has_value(),
               "the server takes the proposal that a member makes");
    return;
  }
  auto staged = server_->stage(*verified, validation_);
  FUZZ_CHECK(staged.has_value(), "the server accepts the commit that a member makes");
  FUZZ_CHECK(server_->apply(std::move(*staged)).has_value(), "what was staged can be applied");
  auto restored = PublicGroup::restore(server_->save());
  FUZZ_CHECK(restored.has_value() && restored->save() == server_->save(),
             "the server's state survives storage");
  FUZZ_CHECK(equal(server_->context().tree_hash, RatchetTree(restored->tree()).tree_hash()),
             "the tree hash of the context is that of the tree");
  FUZZ_CHECK(RatchetTree(server_->tree()).verify_parent_hashes().has_value(),
             "parent hashes hold after each commit");
}

void MlsWorld::took(std::size_t device, const Entry& entry, Event event) {
  Member& member = devices_[device];
  if (const auto* message = std::get_if<ApplicationMessage>(&event)) {
    FUZZ_CHECK(entry.plaintext.has_value(), "only an application message gives content");
    FUZZ_CHECK(equal(*entry.plaintext, message->data.view()), "what is read is what was written");
    FUZZ_CHECK(message->sender_leaf.signature_key == devices_[entry.sender].signer.public_key(),
               "a message is by whom it says");
    FUZZ_CHECK(message->epoch == entry.epoch, "a message is of the epoch in which it was written");
    FUZZ_CHECK(entry.audience.contains(device), "only members of an epoch read its messages");
    FUZZ_CHECK(!entry.readers.contains(device), "a message is read once");
  } else if (auto* commit = std::get_if<ReceivedCommit>(&event)) {
    FUZZ_CHECK(member.group->merge(std::move(*commit)).has_value(), "a checked commit can be merged");
    member.pending.reset();
  }
}

/// The next entry of the log, unaltered: an honest device must be able to follow.
void MlsWorld::give(std::size_t device, std::size_t index) {
  Member& member = devices_[device];
  Entry& entry = log_[index];
  if (!takes_part(device) || entry.sender == device || entry.readers.contains(device)) return;
  if (!entry.audience.contains(device)) return;
  const Epoch epoch = member.group->epoch();
  const bool late = entry.epoch < epoch;
  if (late && (!entry.plaintext || epoch - entry.epoch > 3)) return;
  auto event = member.group->receive(decode_message(entry.wire).value(), environment_);
  FUZZ_CHECK(event.has_value(), "an honest member follows the log");
  took(device, entry, std::move(*event));
  entry.readers.insert(device);
}

/// Bytes from an attacker: they are refused and nothing has changed, or they are what somebody honest has
/// made.
void MlsWorld::give_hostile(std::size_t device, const Bytes& wire) {
  if (!devices_[device].group) return;
  const auto message = decode_message(wire);
  if (!message) return;
  Group& group = *devices_[device].group;
  const Bytes before = snapshot(group);
  auto event = group.receive(*message, environment_);
  if (!event) {
    // A ratchet that was started for a message that then turned out to be forged stays started: no key is
    // lost.
    FUZZ_CHECK(message->as<PrivateMessage>() || snapshot(group) == before,
               "a message that is refused changes nothing");
    return;
  }
  FUZZ_CHECK(honest_.contains(wire), "nobody but members and the server can make a message");
  const auto found = std::ranges::find(log_, wire, &Entry::wire);
  if (std::holds_alternative<ApplicationMessage>(*event)) {
    FUZZ_CHECK(found != log_.end(), "a message that is read was sent");
    took(device, *found, std::move(*event));
    found->readers.insert(device);
  } else if (!std::holds_alternative<ReceivedProposal>(*event)) {
    FUZZ_CHECK(snapshot(group) == before, "a commit that is not merged changes nothing");
  }
}

void MlsWorld::give_server_hostile(const Bytes& wire) {
  auto message = ReceivedMessage::decode(wire);
  if (!message || honest_.contains(wire)) return;
  const Bytes before = server_->save();
  const auto verified = server_->verify(std::move(*message));
  if (!verified) {
    FUZZ_CHECK(server_->save() == before, "a message that is refused changes nothing at the server");
    return;
  }
  // The server has no secrets: tags it must take as they are, and anybody who asks to be added.
  if (verified->commit()) static_cast<void>(server_->stage(*verified, validation_));
  FUZZ_CHECK(server_->save() == before, "a commit that is not applied changes nothing at the server");
}

void MlsWorld::check_agreement() {
  for (const Member& one : devices_) {
    if (!one.group || !one.group->is_active()) continue;
    if (one.group->epoch() == server_->epoch()) {
      FUZZ_CHECK(one.group->context() == server_->context(), "members and server agree on the group");
      FUZZ_CHECK(one.group->tree() == server_->tree(), "members and server agree on the tree");
    }
    for (const Member& other : devices_) {
      if (!other.group || !other.group->is_active() || other.group->epoch() != one.group->epoch()) continue;
      FUZZ_CHECK(one.group->context() == other.group->context(), "members of one epoch agree on the group");
      FUZZ_CHECK(equal(one.group->epoch_authenticator(), other.group->epoch_authenticator()),
                 "members of one epoch have the same secrets");
    }
  }
}

void MlsWorld::check_secrecy() {
  for (std::size_t device = 0; device < kDevices; ++device) {
    if (!devices_[device].group) continue;
    for (Entry& entry : log_) {
      if (!entry.plaintext) continue;
      auto event = devices_[device].group->receive(decode_message(entry.wire).value(), environment_);
      if (!event) continue;
      took(device, entry, std::move(*event));
      entry.readers.insert(device);
      FUZZ_CHECK(
          !devices_[device].group->receive(decode_message(entry.wire).value(), environment_).has_value(),
          "the key of a message that was read is gone");
    }
  }
}

std::vector<std::pair<std::uint8_t, Bytes>> MlsWorld::stored() const {
  std::vector<std::pair<std::uint8_t, Bytes>> states{{1, server_->save()}};
  for (const Member& member : devices_) {
    if (member.group) states.emplace_back(0, snapshot(*member.group));
  }
  const auto bundle =
      KeyPackageBundle::create(suite_, devices_[0].signer, devices_[0].description, {1000, 2000}).value();
  const auto sealed = bundle.seal(key_).value();
  states.emplace_back(2, to_bytes(open_state(key_, SealedKind::key_package, sealed).value().view()));
  return states;
}

}  // namespace wardline::fuzz
