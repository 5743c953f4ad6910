// Ways into a conversation, its sealed form, and what becomes of a commit of this device's.
#include "lib/conversation/conversation.h"

#include "lib/mls/public/decode.h"

namespace wardline::conversation {
namespace {

/// Kinds of sealed state below 16 are lib/mls/member's.
constexpr auto kSealedPending = static_cast<mls::SealedKind>(16);

enum class Stage : std::uint8_t { member = 1, joining = 2 };

struct Base {
  Stage stage = Stage::member;
  Bytes group;
  Bytes pending;
  WARDLINE_TLS_FIELDS(stage, group, pending)
};

mls::GroupConfig group_config() {
  mls::GroupConfig config;
  config.padding.block = 256;
  return config;
}

bool names(const mls::GroupId& group, const ConversationId& id) { return equal(group, id); }

}  // namespace

Conversation::Conversation(std::variant<mls::Group, mls::ExternalJoin> group, mls::SealingKey key)
    : group_(std::move(group)), key_(std::move(key)) {}

Outcome<Conversation::Created> Conversation::create(const ConversationId& id,
                                                    const std::vector<NewMember>& members,
                                                    mls::SealingKey key, const Context& context) {
  mls::NewGroup parameters{.suite = context.suite(),
                           .group_id = to_bytes(id),
                           .leaf = context.leaf(),
                           .lifetime = context.lifetime(),
                           .extensions = {mls::make_extension(mls::ExternalSenders{{context.server()}})},
                           .config = group_config()};
  auto group = mls::Group::create(std::move(parameters), context.signer(), context.environment());
  if (!group) return failed(group.error());
  const auto info = group->group_info(context.signer(), {.with_tree = true, .with_external_pub = true});
  if (!info) return failed(info.error());
  Conversation conversation(std::move(*group), std::move(key));
  auto first = conversation.commit({members, {}}, context);
  if (!first) return std::unexpected(first.error());
  return Created{std::move(conversation), {tls::encode(*info), std::move(*first)}};
}

Outcome<Conversation::Joined> Conversation::join(const mls::Welcome& welcome,
                                                 std::optional<mls::RatchetTreeWire> tree,
                                                 const mls::KeyPackageBundle& bundle, mls::SealingKey key,
                                                 const Context& context) {
  mls::JoinInput input{.tree = std::move(tree), .continues = nullptr, .config = group_config()};
  const UnloggedLeaves unlogged(context.authority(), UnloggedLeaves::Mode::collect);
  auto group = mls::Group::join(welcome, bundle, std::move(input), context.environment());
  if (!group) return failed(group.error());
  if (auto known = unlogged.check(); !known) return std::unexpected(known.error());
  if (group->group_id().size() != ConversationId().size()) return failed(Code::invalid_message);
  Conversation conversation(std::move(*group), std::move(key));
  auto state = conversation.seal();
  if (!state) return std::unexpected(state.error());
  return Joined{std::move(conversation), std::move(*state)};
}

Outcome<Conversation::Began> Conversation::join_by_external_commit(const ConversationId& id,
                                                                   const mls::GroupInfo& info,
                                                                   std::optional<mls::RatchetTreeWire> tree,
                                                                   mls::SealingKey key,
                                                                   const Context& context) {
  if (!names(info.group_context.group_id, id)) return failed(Code::invalid_message);
  mls::ExternalJoinInput input{.tree = std::move(tree), .leaf = context.leaf(), .config = group_config()};
  const UnloggedLeaves unlogged(context.authority(), UnloggedLeaves::Mode::collect);
  const auto group = mls::start_from_group_info(info, input.tree, context.environment().validation);
  if (!group) return failed(group.error());
  if (auto known = unlogged.check(); !known) return std::unexpected(known.error());
  input.replaces = context.leaf_of(group->tree, context.device());
  auto join = mls::ExternalJoin::create(info, std::move(input), context.signer(), context.environment());
  if (!join) return failed(join.error());

  PendingCommit pending{.epoch = info.group_context.epoch,
                        .commit = tls::encode(join->commit()),
                        .welcome = {},
                        .group_info = tls::encode(join->group_info()),
                        .added = {context.device()},
                        .removed = {}};
  Conversation conversation(std::move(*join), std::move(key));
  conversation.pending_ = Pending{pending, {}};
  auto state = conversation.seal();
  if (!state) return std::unexpected(state.error());
  return Began{std::move(conversation), {std::move(pending), std::move(*state)}};
}

Outcome<Conversation> Conversation::open(const ConversationId& id, const SealedState& sealed,
                                         mls::SealingKey key) {
  const auto base = tls::decode<Base>(sealed.base);
  if (!base) return failed(Code::unreadable_state);
  const auto pending = mls::open_state(key, kSealedPending, base->pending);
  if (!pending) return failed(pending.error());
  auto read_pending = tls::decode<std::optional<Pending>>(pending->view());
  if (!read_pending) return failed(Code::unreadable_state);

  std::optional<Conversation> conversation;
  if (base->stage == Stage::member) {
    auto group = mls::Group::load(key, base->group);
    if (!group) return failed(group.error());
    if (!sealed.ratchets.empty()) {
      if (const auto restored = group->restore_ratchets(key, sealed.ratchets); !restored) {
        return failed(restored.error());
      }
    }
    if (!names(group->group_id(), id)) return failed(Code::unreadable_state);
    conversation = Conversation(std::move(*group), std::move(key));
  } else if (base->stage == Stage::joining) {
    auto join = mls::ExternalJoin::unseal(key, base->group);
    if (!join) return failed(join.error());
    if (!names(join->next_context().group_id, id)) return failed(Code::unreadable_state);
    conversation = Conversation(std::move(*join), std::move(key));
  } else {
    return failed(Code::unreadable_state);
  }
  conversation->pending_ = std::move(*read_pending);
  conversation->base_ = sealed.base;
  return std::move(*conversation);
}

std::uint64_t Conversation::epoch() const {
  return group() ? group()->epoch() : std::get<mls::ExternalJoin>(group_).next_context().epoch - 1;
}

OpenedConversation Conversation::describe(const Context& context) const {
  OpenedConversation opened{.epoch = epoch()};
  const auto& id =
      group() ? group()->group_id() : std::get<mls::ExternalJoin>(group_).next_context().group_id;
  std::ranges::copy(id, opened.id.begin());
  if (group()) opened.members = context.members_of(group()->tree());
  if (pending_) opened.pending = pending_->commit;
  return opened;
}

Outcome<SealedState> Conversation::seal() {
  auto* join = std::get_if<mls::ExternalJoin>(&group_);
  const auto sealed = join ? join->seal(key_) : group()->serialize(key_);
  if (!sealed) return failed(sealed.error());
  const auto pending = mls::seal_state(key_, kSealedPending, SecretBytes(tls::encode(pending_)));
  if (!pending) return failed(pending.error());
  base_ = tls::encode(Base{join ? Stage::joining : Stage::member, *sealed, *pending});
  return SealedState{base_, {}};
}

Outcome<SealedState> Conversation::seal_ratchets() {
  auto ratchets = group()->serialize_ratchets(key_);
  if (!ratchets) return failed(ratchets.error());
  return SealedState{base_, std::move(*ratchets)};
}

Outcome<MergedCommit> Conversation::merge_pending(const Context& context) {
  if (!pending_) return failed(Code::no_pending_commit);
  if (auto* join = std::get_if<mls::ExternalJoin>(&group_)) {
    group_ = std::move(*join).accept();
  } else if (const auto merged = group()->merge_pending(); !merged) {
    return failed(merged.error());
  }
  pending_.reset();
  auto state = seal();
  if (!state) return std::unexpected(state.error());
  return MergedCommit{epoch(), context.members_of(group()->tree()), std::move(*state)};
}

Outcome<SealedState> Conversation::drop_pending() {
  if (!pending_) return failed(Code::no_pending_commit);
  if (!group())
    return failed(Code::not_a_member);  // There is no epoch before an external join: forget it instead.
  group()->discard_pending();
  pending_.reset();
  return seal();
}

}  // namespace wardline::conversation
