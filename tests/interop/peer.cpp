#include "tests/interop/peer.h"

#include "lib/mls/public/decode.h"
#include "lib/mls/public/external_proposal.h"
#include "tests/interop/peer_wire.h"

namespace wardline::interop {

using namespace mls;

namespace {

constexpr std::uint64_t kDay = 24ULL * 60 * 60;

/// Nothing, or why not: the name of a rule, or what is wrong with the request.
using Done = std::expected<void, std::string>;

std::unexpected<std::string> refused(Error error) { return std::unexpected(std::string(name_of(error))); }
std::unexpected<std::string> bad(std::string why) { return std::unexpected(std::move(why)); }

template <class T>
T take(tls::Reader& in) {
  T value{};
  tls::read(in, value);
  return value;
}

/// The structure that a message is.
template <class T>
std::expected<T, std::string> take_message(tls::Reader& in) {
  auto message = decode_message(take<Bytes>(in));
  if (!message) return refused(message.error());
  const T* content = message->template as<T>();
  if (!content) return bad("another kind of message");
  return *content;
}

Result<std::optional<RatchetTreeWire>> take_tree(tls::Reader& in) {
  const auto wire = take<std::optional<Bytes>>(in);
  if (!wire) return std::optional<RatchetTreeWire>();
  auto tree = decode<RatchetTreeWire>(*wire);
  if (!tree) return std::unexpected(tree.error());
  return std::optional(std::move(*tree));
}

Bytes encode_message(MlsMessage message) { return tls::encode(message); }

Bundle encode_bundle(const CommitBundle& bundle) {
  Bundle encoded{tls::encode(bundle.commit), {}, tls::encode(bundle.group_info)};
  if (bundle.welcome) encoded.welcome = tls::encode(*bundle.welcome);
  return encoded;
}

}  // namespace

Result<View> view_of(const Group& group) {
  const auto exported = group.export_secret("wardline interop", as_bytes("context"), 32);
  if (!exported) return std::unexpected(exported.error());
  View view{.epoch = group.epoch(),
            .own_leaf = group.own_leaf().value,
            .tree_hash = group.context().tree_hash,
            .confirmed_transcript_hash = group.context().confirmed_transcript_hash,
            .epoch_authenticator = to_bytes(group.epoch_authenticator()),
            .exported = to_bytes(exported->view()),
            .members = {}};
  group.tree().for_each_member([&](LeafIndex leaf, const LeafNode& node) {
    view.members.push_back({leaf.value, node.signature_key});
  });
  return view;
}

std::optional<SecretBytes> SharedPsks::find(const PreSharedKeyId& id) const {
  const auto* external = std::get_if<ExternalPskId>(&id.key);
  const auto found = external ? known.find(external->psk_id) : known.end();
  if (found == known.end()) return std::nullopt;
  return SecretBytes(ByteView(found->second));
}

/// One call: reads what the method takes, does it, and writes what it gives.
class Peer::Call {
 public:
  Call(Peer& peer, std::uint64_t now, tls::Reader& in, tls::Writer& out)
      : peer_(peer), now_(now), in_(in), out_(out) {}

  Done run(Method method) {
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

 private:
  Done by_member(Method method, Member& member) {
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

  Done in_group(Method method, Member& member, Group& group) {
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

  Done new_member() {
    const Suite* suite = crypto::find_suite(take<CipherSuite>(in_));
    if (!suite) return bad("no such suite");
    auto signer = crypto::SigningKey::generate(suite->signature);
    if (!signer) return bad("no key");
    const NewMember made{++peer_.last_member_, signer->public_key()};
    peer_.members_.emplace(made.member, Member{*suite, std::move(*signer)});
    return give(Result<NewMember>(made));
  }

  Done key_package(Member& member) {
    auto bundle = KeyPackageBundle::create(member.suite, member.signer, member.leaf, lifetime());
    if (!bundle) return refused(bundle.error());
    const Bytes message = encode_message({bundle->key_package()});
    member.key_packages.emplace(bundle->reference(), std::move(*bundle));
    return give(Result<Bytes>(message));
  }

  Done create(Member& member) {
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

  Done join(Member& member) {
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

  Done join_externally(Member& member) {
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
    return give(Result<Bundle>(
        {tls::encode(member.joining->commit()), {}, tls::encode(member.joining->group_info())}));
  }

  /// As an external sender: only the member's key plays a part.
  Done propose_as_outsider(Member& member) {
    const auto group_id = take<Bytes>(in_);
    const auto epoch = take<std::uint64_t>(in_);
    const auto sender = take<std::uint32_t>(in_);
    auto proposal = propose_externally(group_id, epoch, sender, take<Proposal>(in_), member.signer);
    if (!proposal) return refused(proposal.error());
    return give(Result<Bytes>(encode_message({std::move(*proposal)})));
  }

  Done receive(Group& group) {
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

  static Done store_and_load(Group& group) {
    const SealingKey key = SealingKey::generate();
    const auto whole = group.serialize(key);
    if (!whole) return refused(whole.error());
    auto loaded = Group::load(key, *whole);
    if (!loaded) return refused(loaded.error());
    group = std::move(*loaded);
    return {};
  }

  /// What a browser has stored, opened by the native library: both must mean the same by it.
  Done view_sealed() {
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

  Done follow_group() {
    const auto info = take_message<GroupInfo>(in_);
    if (!info) return bad(info.error());
    auto group = PublicGroup::create(*info, {}, peer_.validation_);
    if (!group) return refused(group.error());
    peer_.followed_.insert_or_assign(info->group_context.group_id, std::move(*group));
    return {};
  }

  /// A handshake, and the GroupInfo that comes with a commit, checked as the server checks them.
  Done follow(PublicGroup& group) {
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

  Done give_followed(const PublicGroup& group) {
    return give(Result<FollowedGroup>({.epoch = group.epoch(),
                                       .tree_hash = group.context().tree_hash,
                                       .confirmed_transcript_hash = group.context().confirmed_transcript_hash,
                                       .ratchet_tree = tls::encode(group.tree().to_wire())}));
  }

  static Done done(const Result<void>& result) {
    if (!result) return refused(result.error());
    return {};
  }
  static Done no_group() { return bad("no group"); }
  Lifetime lifetime() const { return {now_ - kDay, now_ + 30 * kDay}; }
  GroupConfig config() {
    GroupConfig config;
    config.handshake = take<WireFormat>(in_);
    return config;
  }

  Done give_message(const Result<MlsMessage>& message) {
    if (!message) return refused(message.error());
    return give(Result<Bytes>(tls::encode(*message)));
  }
  Done give_bundle(const Result<CommitBundle>& bundle) {
    if (!bundle) return refused(bundle.error());
    return give(Result<Bundle>(encode_bundle(*bundle)));
  }
  template <class T>
  Done give(const Result<T>& value) {
    if (!value) return refused(value.error());
    tls::write(out_, *value);
    return {};
  }

  Peer& peer_;
  std::uint64_t now_;
  tls::Reader& in_;
  tls::Writer& out_;
};

Peer::Peer()
    : validation_{.credentials = validator_, .lifetimes = LifetimeCheck{}},
      environment_{validation_, &psks_} {}

Bytes Peer::call(ByteView request) {
  tls::Reader in(request);
  const auto now = take<std::uint64_t>(in);
  const auto method = take<Method>(in);
  validation_.lifetimes->now = now;
  tls::Writer out;
  out.uint(0, 1);
  auto done = Call(*this, now, in, out).run(method);
  if (done && in.ok() && in.at_end()) return out.take();
  tls::Writer refusal;
  refusal.uint(1, 1);
  tls::write(refusal, done ? std::string("the request does not decode") : done.error());
  return refusal.take();
}

}  // namespace wardline::interop
