#include "client/load/conversation_setup.h"

#include <chrono>
#include <thread>

#include "client/account/uuid.h"
#include "client/messaging/device_log_source.h"
#include "client/messaging/device_state.h"
#include "client/messaging/recipients.h"
#include "lib/conversation/key_packages.h"
#include "lib/crypto/random.h"

namespace wardline::client {

using conversation::Conversation;

namespace {

Error broken(std::string detail) { return {"load-setup", std::move(detail)}; }

/// Whoever sets up hundreds of conversations asks more often than people do: it waits when it is told to.
template <class Call>
auto patiently(const Call& call) -> decltype(call()) {
  auto answer = call();
  for (int round = 0; !answer && answer.error().status == 429 && round < 60; ++round) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    answer = call();
  }
  return answer;
}

Outcome<std::unique_ptr<conversation::Context>> context_of(const LoadDevice& device, Api& api) {
  const auto service = patiently([&] { return api.delivery_service(); });
  if (!service) return std::unexpected(service.error());
  auto key = crypto::SigningKey::from_raw(device.account.key.algorithm(), device.account.key.to_raw().view());
  if (!key) return std::unexpected(broken("a device's key cannot be read"));
  auto context = conversation::Context::create({static_cast<mls::CipherSuite>(service->cipher_suite),
                                                {device.account.user_id, device.account.device_id},
                                                device.account.certificate_chain,
                                                service->external_sender,
                                                service->device_ca,
                                                service->device_log_key,
                                                {}},
                                               std::make_unique<crypto::SigningKey>(std::move(*key)),
                                               now_microseconds());
  if (!context) return failed(context);
  return std::move(*context);
}

/// Whom a device begins a conversation with, it believes by the log of devices, as every client does.
Outcome<Conversation::Created> create(const std::string& id,
                                      const std::vector<conversation::NewMember>& members, Api& api,
                                      conversation::Context& context) {
  DeviceLogSource source(api);
  conversation::DeviceLogFollower follower(
      context, source,
      {.keep = [](const auto&) {}, .wait = [] { std::this_thread::sleep_for(std::chrono::seconds(1)); }});
  return patiently([&]() -> Outcome<Conversation::Created> {
    source.forget_trouble();
    auto made = follower.trusting(
        [&] { return Conversation::create(id_bytes(id), members, mls::SealingKey::generate(), context); });
    if (!made) return std::unexpected(source.trouble() ? *source.trouble() : Error(made.error()));
    return std::move(*made);
  });
}

}  // namespace

Outcome<void> publish_key_package(LoadDevice& device) {
  Api api(*device.https);
  const auto context = context_of(device, api);
  if (!context) return std::unexpected(context.error());
  const auto made = conversation::make_key_packages(1, conversation::LastResort::no,
                                                    mls::SealingKey::generate(), **context);
  if (!made) return failed(made);
  return patiently([&] { return api.put_key_packages({made->front().key_package}, std::nullopt); });
}

Outcome<LoadConversation> begin_conversation(LoadDevice& creator, std::span<const LoadDevice* const> others) {
  Api api(*creator.https);
  std::vector<std::string> users;
  for (const LoadDevice* other : others) {
    const std::string& user = other->account.user_id;
    if (auto done = patiently([&] { return api.confirm_contact(user); }); !done)
      return std::unexpected(done.error());
    users.push_back(user);
  }
  const auto asked = patiently([&] { return api.send_decision(users, std::nullopt, Priority::routine); });
  if (!asked) return std::unexpected(asked.error());
  LoadConversation conversation{new_uuid()};
  const auto context = context_of(creator, api);
  if (!context) return std::unexpected(context.error());
  const auto claim = patiently([&] { return api.claim_key_packages(conversation.id, users); });
  if (!claim) return std::unexpected(claim.error());
  if (claim->claimed.size() != others.size())
    return std::unexpected(broken("nothing to begin a conversation with"));
  std::vector<conversation::NewMember> members;
  for (const ClaimedKeyPackage& one : claim->claimed)
    members.push_back({{one.user_id, one.device_id}, one.key_package});
  const auto begun = create(conversation.id, members, api, **context);
  if (!begun) return std::unexpected(begun.error());
  const auto& first = begun->created.first.pending;
  const NewConversation made{.conversation_id = conversation.id,
                             .kind = others.size() == 1 ? ConversationKind::direct : ConversationKind::group,
                             .user_ids = users,
                             .match_id = {},
                             .group_info_0 = begun->created.group_info_0,
                             .commit = first.commit,
                             .welcome = first.welcome.value_or(Bytes()),
                             .group_info = first.group_info,
                             .answers = answers_to(asked->obligations, "coordination")};
  if (const auto created = patiently([&] { return api.create_conversation(made); }); !created)
    return std::unexpected(created.error());
  return conversation;
}

Bytes opaque_message(const LoadConversation& conversation, std::size_t size) {
  return tls::encode(mls::MlsMessage{mls::PrivateMessage{.group_id = to_bytes(id_bytes(conversation.id)),
                                                         .epoch = conversation.epoch,
                                                         .content_type = mls::ContentType::application,
                                                         .authenticated_data = {},
                                                         .encrypted_sender_data = crypto::random_bytes(28),
                                                         .ciphertext = crypto::random_bytes(size)}});
}

}  // namespace wardline::client
