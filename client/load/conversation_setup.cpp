#include "client/load/conversation_setup.h"

#include <chrono>
#include <thread>

#include "client/account/uuid.h"
#include "client/messaging/api.h"
#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::client {

namespace {

constexpr auto kSuite = crypto::CipherSuite::p256_aes128gcm_sha256_p256;

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

/// The load generator measures the server; whom to believe is not its business.
class BelieveAll final : public mls::CredentialValidator {
 public:
  bool accepts(const mls::Credential&, const mls::SignaturePublicKey&, mls::CredentialRole) const override {
    return true;
  }
  bool accepts_successor(const mls::Credential&, const mls::Credential&) const override { return true; }
};

std::uint64_t now_seconds() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

mls::Lifetime lifetime() { return {now_seconds() - 3600, now_seconds() + 30ULL * 24 * 3600}; }

mls::LeafDescription leaf_of(const LoadDevice& device) {
  const auto credential = mls::Credential::x509(device.account.certificate_chain);
  return {credential, mls::LeafDescription::default_capabilities(credential), {}};
}

Bytes group_id_of(std::string_view uuid) {
  std::string digits(uuid);
  std::erase(digits, '-');
  return from_hex(digits).value_or(Bytes());
}

}  // namespace

Outcome<void> publish_key_package(LoadDevice& device) {
  const auto bundle = mls::KeyPackageBundle::create(*crypto::find_suite(kSuite), device.account.key,
                                                    leaf_of(device), lifetime());
  if (!bundle) return std::unexpected(broken("a key package could not be made"));
  Api api(*device.https);
  const Bytes package = tls::encode(mls::MlsMessage{bundle->key_package()});
  return patiently([&] { return api.put_key_packages({package}, std::nullopt); });
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
  LoadConversation conversation{new_uuid()};
  const auto service = patiently([&] { return api.delivery_service(); });
  if (!service) return std::unexpected(service.error());
  const auto claim = patiently([&] { return api.claim_key_packages(conversation.id, users); });
  if (!claim) return std::unexpected(claim.error());
  const auto sender = tls::decode<mls::ExternalSender>(service->external_sender);
  if (!sender || claim->claimed.size() != others.size())
    return std::unexpected(broken("nothing to begin a conversation with"));
  mls::CommitRequest add;
  for (const ClaimedKeyPackage& one : claim->claimed) {
    const auto message = tls::decode<mls::MlsMessage>(one.key_package);
    const auto* package = message ? message->as<mls::KeyPackage>() : nullptr;
    if (!package) return std::unexpected(broken("a claimed key package cannot be read"));
    add.proposals.push_back(mls::Proposal{mls::Add{*package}});
  }

  const BelieveAll believe;
  const mls::Validation validation{.credentials = believe,
                                   .lifetimes = mls::LifetimeCheck{.now = now_seconds()}};
  auto group = mls::Group::create({.suite = *crypto::find_suite(kSuite),
                                   .group_id = group_id_of(conversation.id),
                                   .leaf = leaf_of(creator),
                                   .lifetime = lifetime(),
                                   .extensions = {mls::make_extension(mls::ExternalSenders{{*sender}})}},
                                  creator.account.key, {validation});
  if (!group) return std::unexpected(broken("the group could not be begun"));
  const auto info_0 = group->group_info(creator.account.key, {.with_tree = true});
  const auto bundle = group->commit(std::move(add), creator.account.key, {validation});
  if (!info_0 || !bundle || !bundle->welcome)
    return std::unexpected(broken("the first commit could not be made"));
  const NewConversation made{.conversation_id = conversation.id,
                             .kind = others.size() == 1 ? ConversationKind::direct : ConversationKind::group,
                             .user_ids = users,
                             .match_id = {},
                             .group_info_0 = tls::encode(*info_0),
                             .commit = tls::encode(bundle->commit),
                             .welcome = tls::encode(*bundle->welcome),
                             .group_info = tls::encode(bundle->group_info)};
  if (const auto created = patiently([&] { return api.create_conversation(made); }); !created)
    return std::unexpected(created.error());
  return conversation;
}

Bytes opaque_message(const LoadConversation& conversation, std::size_t size) {
  return tls::encode(mls::MlsMessage{mls::PrivateMessage{.group_id = group_id_of(conversation.id),
                                                         .epoch = conversation.epoch,
                                                         .content_type = mls::ContentType::application,
                                                         .authenticated_data = {},
                                                         .encrypted_sender_data = crypto::random_bytes(28),
                                                         .ciphertext = crypto::random_bytes(size)}});
}

}  // namespace wardline::client
