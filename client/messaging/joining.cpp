#include "client/messaging/joining.h"

#include "client/account/uuid.h"
#include "lib/conversation/key_packages.h"
#include "lib/mls/public/decode.h"

namespace wardline::client {

using conversation::Conversation;

namespace {

constexpr std::uint64_t kWanted = 50;
constexpr std::uint64_t kLow = 20;
constexpr int kAttempts = 3;

/// An empty tree: it travels inside.
std::optional<mls::RatchetTreeWire> tree_of(const Bytes& wire, bool& good) {
  if (wire.empty()) return std::nullopt;
  auto tree = mls::decode<mls::RatchetTreeWire>(wire);
  good = tree.has_value();
  return good ? std::optional(std::move(*tree)) : std::nullopt;
}

}  // namespace

void learn(ConversationRecord& record, const ServerConversation& server) {
  record.id = server.conversation_id;
  record.kind = server.kind;
  record.closed = yes(server.closed);
  record.members = server.members;
  record.patient_id = server.patient_id;
  record.mine = merge(record.mine, server.mine);
  record.told = merge(record.told, server.mine);
}

Outcome<void> Joining::refill_key_packages() {
  const auto stock = api_.key_packages();
  if (!stock) return std::unexpected(stock.error());
  if (stock->available >= kLow && stock->has_last_resort) return {};
  const auto count = static_cast<std::uint32_t>(stock->available >= kLow ? 0 : kWanted - stock->available);
  const auto last_resort =
      stock->has_last_resort ? conversation::LastResort::no : conversation::LastResort::yes;
  const auto made =
      conversation::make_key_packages(count, last_resort, state_.sealing_key(), state_.context());
  if (!made) return failed(made);
  // Private halves first: a package that the server hands out must be one that we can open.
  Changes changes;
  std::vector<Bytes> packages;
  std::optional<Bytes> last;
  for (std::size_t i = 0; i < made->size(); ++i) {
    const auto& each = (*made)[i];
    put(changes, each.reference, KeyPackageRecord{each.sealed, yes(i >= count)});
    if (i < count) {
      packages.push_back(each.key_package);
    } else {
      last = each.key_package;
    }
  }
  if (auto written = state_.write(changes); !written) return written;
  return api_.put_key_packages(packages, last);
}

Outcome<std::vector<std::string>> Joining::join_by_welcomes() {
  const auto welcomes = api_.welcomes();
  if (!welcomes) return std::unexpected(welcomes.error());
  std::vector<std::string> joined;
  for (const WaitingWelcome& waiting : *welcomes) {
    const auto done = join_one(waiting);
    // Added and removed again while this device was away: there is nothing to come into.
    const bool over = !done && done.error().code == "conversation-not-found";
    if (!done && !over) return std::unexpected(done.error());
    if (done && *done == Entrance::untrusted) continue;
    if (done && *done == Entrance::joined) joined.push_back(waiting.conversation_id);
    if (auto deleted = api_.delete_welcome(waiting.welcome_id); !deleted)
      return std::unexpected(deleted.error());
  }
  if (!welcomes->empty()) {
    if (auto refilled = refill_key_packages(); !refilled) return std::unexpected(refilled.error());
  }
  return joined;
}

Outcome<Joining::Entrance> Joining::join_one(const WaitingWelcome& waiting) {
  const auto known = state_.find<ConversationRecord>(text_key(waiting.conversation_id));
  if (!known) return std::unexpected(known.error());
  // An orphan or a second welcome is harmless.
  if (*known && (*known)->membership == Membership::joined && (*known)->applied >= waiting.sequence)
    return Entrance::passed_over;
  const auto message = mls::decode_message(waiting.welcome);
  const auto* welcome = message ? message->as<mls::Welcome>() : nullptr;
  if (!welcome) return Entrance::passed_over;
  for (const auto& each : welcome->secrets) {
    const auto package = state_.find<KeyPackageRecord>(each.new_member);
    if (!package) return std::unexpected(package.error());
    if (*package) return join_with(waiting, *welcome, **package, each.new_member);
  }
  return Entrance::passed_over;
}

Outcome<bool> Joining::distrust(const std::string& conversation_id, const conversation::Failure& failure) {
  if (failure.code == conversation::Code::log_alarm) return true;
  if (failure.code != conversation::Code::unlogged_device) {
    if (DeviceLog::is_about_trust(failure)) return std::unexpected(device_log_.error_of(failure));
    return false;
  }
  const auto server = api_.conversation(conversation_id);
  if (!server) return std::unexpected(server.error());
  const auto known = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!known) return std::unexpected(known.error());
  ConversationRecord record = known->value_or(ConversationRecord());
  learn(record, *server);
  record.untrusted = Yes::yes;
  Changes changes;
  put(changes, text_key(conversation_id), record);
  if (auto written = state_.write(changes); !written) return std::unexpected(written.error());
  device_log_.report_unlogged(conversation_id);
  return true;
}

/// A Welcome that does not open is no reason to stop: the external commit is the other way in.
Outcome<Joining::Entrance> Joining::join_with(const WaitingWelcome& waiting, const mls::Welcome& welcome,
                                              const KeyPackageRecord& package, ByteView reference) {
  const auto bundle = mls::KeyPackageBundle::unseal(state_.sealing_key(), package.sealed);
  bool good = true;
  const auto tree = tree_of(waiting.ratchet_tree, good);
  if (!bundle || !good) return Entrance::passed_over;
  auto joined = device_log_.trusting(
      [&] { return Conversation::join(welcome, tree, *bundle, state_.sealing_key(), state_.context()); });
  if (!joined) {
    const auto untrusted = distrust(waiting.conversation_id, joined.error());
    if (!untrusted) return std::unexpected(untrusted.error());
    return *untrusted ? Entrance::untrusted : Entrance::passed_over;
  }
  if (joined->conversation.describe(state_.context()).id != id_bytes(waiting.conversation_id))
    return Entrance::passed_over;
  const auto record = joined_record(waiting.conversation_id, waiting.sequence);
  if (!record) return std::unexpected(record.error());
  Changes changes;
  put(changes, text_key(waiting.conversation_id), *record);
  DeviceState::put_group(changes, waiting.conversation_id, joined->state);
  // Used once, gone; the last-resort one stays until it is replaced.
  if (package.last_resort == Yes::no) changes.remove(Table::key_packages, reference);
  if (auto written = state_.write(changes); !written) return std::unexpected(written.error());
  state_.keep_group(waiting.conversation_id, std::move(joined->conversation));
  return Entrance::joined;
}

Outcome<bool> Joining::join_by_external_commit(const std::string& conversation_id) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto info = api_.group_info(conversation_id);
    if (!info) return std::unexpected(info.error());
    const auto message = mls::decode_message(info->group_info);
    const auto* group_info = message ? message->as<mls::GroupInfo>() : nullptr;
    bool good = group_info != nullptr;
    const auto tree = tree_of(info->ratchet_tree, good);
    if (!group_info || !good)
      return failed("encryption-refused", "The server's description of the group is malformed.");
    auto began = device_log_.trusting([&] {
      return Conversation::join_by_external_commit(id_bytes(conversation_id), *group_info, tree,
                                                   state_.sealing_key(), state_.context());
    });
    if (!began) {
      const auto untrusted = distrust(conversation_id, began.error());
      if (!untrusted) return untrusted;
      return *untrusted ? Outcome<bool>(false) : failed(began);
    }
    const auto& pending = began->staged.pending;
    const auto sequence = api_.post_commit(
        conversation_id,
        {new_uuid(), pending.epoch, pending.commit, std::nullopt, pending.group_info, {}, {}});
    if (sequence) {
      if (auto settled = settle_join(conversation_id, std::move(began->conversation), *sequence); !settled) {
        return std::unexpected(settled.error());
      }
      return true;
    }
    if (sequence.error().is_transient() || sequence.error().status == 401)
      return std::unexpected(sequence.error());
    if (sequence.error().code != "epoch-taken") return false;
  }
  return false;
}

Outcome<void> Joining::settle_join(const std::string& conversation_id, Conversation group,
                                   std::uint64_t sequence) {
  const auto merged = group.merge_pending(state_.context());
  if (!merged) return failed(merged);
  const auto record = joined_record(conversation_id, sequence);
  if (!record) return std::unexpected(record.error());
  Changes changes;
  put(changes, text_key(conversation_id), *record);
  DeviceState::put_group(changes, conversation_id, merged->state);
  if (sequence > 1) {
    MessageRecord gap;
    gap.sequence = sequence;
    gap.id = new_uuid();
    gap.body = BodyKind::gap;
    gap.stored_at = static_cast<std::uint64_t>(now_microseconds());
    put(changes, message_key(conversation_id, sequence), gap);
  }
  if (auto written = state_.write(changes); !written) return written;
  state_.keep_group(conversation_id, std::move(group));
  return {};
}

Outcome<ConversationRecord> Joining::joined_record(const std::string& conversation_id,
                                                   std::uint64_t sequence) {
  const auto server = api_.conversation(conversation_id);
  if (!server) return std::unexpected(server.error());
  const auto known = state_.find<ConversationRecord>(text_key(conversation_id));
  if (!known) return std::unexpected(known.error());
  ConversationRecord record;
  if (*known) record.title = (*known)->title;
  learn(record, *server);
  record.applied = sequence;
  record.joined_after = sequence;
  record.membership = Membership::joined;
  return record;
}

}  // namespace wardline::client
