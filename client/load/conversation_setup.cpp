#include "client/load/conversation_setup.h"

#include <chrono>
#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::client {

namespace json = boost::json;

namespace {

constexpr auto kSuite = crypto::CipherSuite::p256_aes128gcm_sha256_p256;

HttpError broken(std::string detail) { return {0, "load-setup", std::move(detail)}; }

std::expected<json::object, HttpError> call(HttpsClient& https, std::string_view method,
                                            std::string_view path, const json::object* body) {
  auto text = https.request(method, path, body ? json::serialize(*body) : std::string());
  // Whoever sets up hundreds of conversations asks more often than people do: it waits when it is told to.
  for (int round = 0; !text && text.error().status == 429 && round < 60; ++round) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    text = https.request(method, path, body ? json::serialize(*body) : std::string());
  }
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return json::object();
  boost::system::error_code bad;
  auto value = json::parse(*text, bad);
  if (bad || !value.is_object()) return std::unexpected(broken("unreadable answer"));
  return std::move(value.as_object());
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

std::string new_uuid() {
  Bytes bytes = crypto::random_bytes(16);
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

Bytes group_id_of(std::string_view uuid) {
  std::string digits(uuid);
  std::erase(digits, '-');
  return from_hex(digits).value_or(Bytes());
}

}  // namespace

std::expected<void, HttpError> publish_key_package(LoadDevice& device) {
  const auto bundle = mls::KeyPackageBundle::create(*crypto::find_suite(kSuite), device.account.key,
                                                    leaf_of(device), lifetime());
  if (!bundle) return std::unexpected(broken("a key package could not be made"));
  const json::object body{
      {"key_packages", json::array{to_base64url(tls::encode(mls::MlsMessage{bundle->key_package()}))}}};
  const auto done = call(*device.https, "PUT", "/v1/key-packages", &body);
  if (!done) return std::unexpected(done.error());
  return {};
}

std::expected<LoadConversation, HttpError> begin_conversation(LoadDevice& creator,
                                                              std::span<const LoadDevice* const> others) {
  HttpsClient& https = *creator.https;
  const json::object nothing;
  json::array users;
  for (const LoadDevice* other : others) {
    if (auto done = call(https, "POST", "/v1/contacts/" + other->account.user_id + "/confirm", &nothing);
        !done)
      return std::unexpected(done.error());
    users.push_back(json::string(other->account.user_id));
  }
  const auto service = call(https, "GET", "/v1/delivery-service", nullptr);
  if (!service) return std::unexpected(service.error());
  const auto sender_bytes = from_base64url(std::string_view(service->at("external_sender").as_string()));
  const auto sender = sender_bytes ? tls::decode<mls::ExternalSender>(*sender_bytes)
                                   : tls::Result<mls::ExternalSender>(std::unexpected(tls::Error::truncated));
  const json::object claim_body{{"user_ids", users}};
  const auto claim = call(https, "POST", "/v1/key-packages/claim", &claim_body);
  if (!claim) return std::unexpected(claim.error());
  const json::array& claimed = claim->at("claimed").as_array();
  if (!sender || claimed.size() != others.size())
    return std::unexpected(broken("nothing to begin a conversation with"));
  mls::CommitRequest add;
  for (const json::value& one : claimed) {
    const auto bytes = from_base64url(std::string_view(one.at("key_package").as_string()));
    const auto package = tls::decode<mls::MlsMessage>(bytes.value_or(Bytes()));
    if (!package) return std::unexpected(broken("a claimed key package cannot be read"));
    add.proposals.push_back(mls::Proposal{mls::Add{*package->as<mls::KeyPackage>()}});
  }

  const BelieveAll believe;
  const mls::Validation validation{.credentials = believe,
                                   .lifetimes = mls::LifetimeCheck{.now = now_seconds()}};
  LoadConversation conversation{new_uuid()};
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
  const json::object body{{"conversation_id", conversation.id},
                          {"kind", others.size() == 1 ? "direct" : "group"},
                          {"user_ids", users},
                          {"group_info_0", to_base64url(tls::encode(*info_0))},
                          {"commit", to_base64url(tls::encode(bundle->commit))},
                          {"welcome", to_base64url(tls::encode(*bundle->welcome))},
                          {"group_info", to_base64url(tls::encode(bundle->group_info))}};
  if (auto made = call(https, "POST", "/v1/conversations", &body); !made)
    return std::unexpected(made.error());
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
