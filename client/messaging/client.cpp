#include "client/messaging/client.h"

#include "client/store/store_key.h"
#include "lib/crypto/signature.h"

namespace wardline::client {
namespace {

bool has_member(const ServerConversation& server, const std::string& user_id) {
  return std::ranges::any_of(server.members, [&](const Member& each) { return each.user_id == user_id; });
}

Outcome<std::unique_ptr<conversation::Context>> make_context(const DeviceIdentity& device,
                                                             const DeliveryService& service,
                                                             const Pinned& pinned) {
  auto key =
      crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, device.signing_key.view());
  if (!key) return std::unexpected(Error(StoreError::does_not_open));
  const conversation::Identity identity{static_cast<mls::CipherSuite>(service.cipher_suite),
                                        {device.user_id, device.device_id},
                                        device.certificate_chain,
                                        service.external_sender,
                                        pinned.pins.device_ca,
                                        pinned.pins.device_log_key,
                                        pinned.log};
  auto context = conversation::Context::create(
      identity, std::make_unique<crypto::SigningKey>(std::move(*key)), now_microseconds());
  if (!context) return failed(context);
  return std::move(*context);
}

}  // namespace

Outcome<std::unique_ptr<Client>> Client::open(Access& access) {
  const auto device = access.profile().device();
  if (!device) return failed(device);
  if (device->certificate_chain.empty()) return std::unexpected(Error(StoreError::absent));
  if (access.https().cookie().empty() && !access.can_renew())
    return failed("not-signed-in", "Nobody is signed in. Sign in first.");
  if (access.https().cookie().empty()) {
    if (auto renewed = access.renew(); !renewed) return std::unexpected(renewed.error());
  }
  Api api(access.https(), [&access] { return access.renew(); });
  const auto share = api.storage_share();
  if (!share) return std::unexpected(share.error());
  const auto service = api.delivery_service();
  if (!service) return std::unexpected(service.error());
  auto store = SealedStore::open(access.profile().state_file(),
                                 derive_store_key(device->local_secret, *share, StorePurpose::records));
  if (!store) return failed(store);
  const auto pinned = pin(*store, *service);
  if (!pinned) return std::unexpected(pinned.error());
  auto context = make_context(*device, *service, *pinned);
  if (!context) return std::unexpected(context.error());
  auto key = mls::SealingKey::create(derive_store_key(device->local_secret, *share, StorePurpose::mls));
  DeviceState state(std::move(*store), std::move(*context), std::move(*key));
  return std::unique_ptr<Client>(new Client(access, std::move(state), *pinned));
}

Client::Client(Access& access, DeviceState state, const Pinned& pinned)
    : access_(access),
      api_(access.https(), [&access] { return access.renew(); }),
      state_(std::move(state)),
      device_log_(api_, state_, pinned),
      log_(api_, state_, device_log_),
      joining_(api_, state_, device_log_),
      groups_(api_, state_, device_log_, log_),
      outbox_(api_, state_, device_log_, log_, groups_) {}

Outcome<void> Client::sync() {
  // Before anything else is believed: the log of devices continues what this device saw of it. An alarm holds
  // back sending; what others wrote can still be read.
  if (auto checked = device_log_.check(); !checked) return checked;
  // First of all be reachable: until its key packages are there, nobody can write to a new device.
  if (auto refilled = joining_.refill_key_packages(); !refilled) return refilled;
  if (auto resumed = groups_.resume_starts(); !resumed) return resumed;
  if (auto joined = joining_.join_by_welcomes(); !joined) return std::unexpected(joined.error());
  const auto conversations = api_.conversations();
  if (!conversations) return std::unexpected(conversations.error());
  for (const ServerConversation& server : *conversations) {
    if (auto entered = enter(server); !entered) return entered;
  }
  if (auto left = leave_all_but(*conversations); !left) return left;
  for (const std::string& id : log_.conversations_with_lost_commit()) {
    if (auto rebased = groups_.rebase_lost(id); !rebased && rebased.error().is_transient()) return rebased;
  }
  if (auto flushed = outbox_.flush(); !flushed) return flushed;
  return tell_marks();
}

/// Who was removed is told nothing more of a conversation: it is not in the list.
Outcome<void> Client::leave_all_but(const std::vector<ServerConversation>& listed) {
  const auto records = state_.list<ConversationRecord>();
  if (!records) return std::unexpected(records.error());
  for (const ConversationRecord& each : *records) {
    if (std::ranges::find(listed, each.id, &ServerConversation::conversation_id) != listed.end()) continue;
    if (auto left = log_.leave(each.id); !left) return left;
  }
  return {};
}

/// Into a conversation of the server's list as far as this device is not in it, and to the end of its log.
Outcome<void> Client::enter(const ServerConversation& server) {
  const std::string& id = server.conversation_id;
  auto known = state_.find<ConversationRecord>(text_key(id));
  if (!known) return std::unexpected(known.error());
  ConversationRecord record = *known ? std::move(**known) : ConversationRecord();
  learn(record, server);
  const bool is_member = has_member(server, me().user_id);
  // Removed, and added again without a Welcome for this device.
  if (record.membership == Membership::removed && is_member) record.membership = Membership::awaiting;
  Changes changes;
  put(changes, text_key(id), record);
  if (auto written = state_.write(changes); !written) return written;

  if (record.membership == Membership::awaiting && is_member && !server.closed) {
    const auto joined = joining_.join_by_external_commit(id);
    if (!joined && (joined.error().is_transient() || joined.error().status == 401))
      return std::unexpected(joined.error());
    if (!joined || !*joined) return {};  // The next sync tries again.
  }
  if (record.applied < server.last_sequence || record.membership == Membership::awaiting ||
      record.untrusted == Yes::yes) {
    if (auto caught_up = log_.catch_up(id); !caught_up) return caught_up;
  }
  const auto resumed = groups_.resume_commit(id);
  if (!resumed && resumed.error().is_transient()) return resumed;
  return {};
}

}  // namespace wardline::client
