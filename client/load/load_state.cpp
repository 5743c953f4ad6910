#include "client/load/load_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "lib/bytes/text.h"

namespace wardline::client {

namespace json = boost::json;

namespace {

std::unexpected<HttpError> unreadable(const std::filesystem::path& file) {
  return std::unexpected(
      HttpError{0, "unreadable-state", file.string() + " is no state that --state has written."});
}

json::object to_json(const LoadParticipant& one) {
  json::array chain;
  for (const Bytes& certificate : one.device.account.certificate_chain)
    chain.push_back(json::string(to_base64url(certificate)));
  return {{"username", one.credentials.username},
          {"password", one.credentials.password},
          {"totp_secret", as_text(one.device.account.totp_secret.view())},
          {"cookie", one.device.https->cookie()},
          {"user_id", one.device.account.user_id},
          {"device_id", one.device.account.device_id},
          {"device_key", to_base64url(one.device.account.key.to_raw().view())},
          {"certificate_chain", std::move(chain)},
          {"conversation_id", one.conversation.id},
          {"epoch", one.conversation.epoch}};
}

/// Throws boost::system::system_error for what is missing or of another type.
std::expected<LoadParticipant, HttpError> from_json(const json::value& item,
                                                    const std::filesystem::path& file, const ServerUrl& url,
                                                    boost::asio::ssl::context& tls) {
  const auto text = [&](std::string_view name) { return std::string(item.at(name).as_string()); };
  const auto raw = from_base64url(text("device_key"));
  auto key = raw ? crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, *raw)
                 : crypto::Result<crypto::SigningKey>(std::unexpected(crypto::Error::provider_failure));
  if (!key) return unreadable(file);
  LoadParticipant one{
      {text("username"), text("password"), {}},
      {std::make_unique<HttpsClient>(url, tls, text("cookie")),
       {text("user_id"), text("device_id"), std::move(*key), {}, SecretBytes(as_bytes(text("totp_secret")))}},
      {text("conversation_id"), item.at("epoch").to_number<std::uint64_t>()}};
  for (const auto& certificate : item.at("certificate_chain").as_array())
    one.device.account.certificate_chain.push_back(
        from_base64url(std::string_view(certificate.as_string())).value_or(Bytes()));
  return one;
}

std::expected<void, HttpError> sign_in_again(LoadParticipant& one) {
  const auto session = one.device.https->request("GET", "/v1/session");
  if (session) return {};
  if (session.error().status != 401) return std::unexpected(session.error());
  return sign_in(*one.device.https, one.credentials, one.device.account);
}

}  // namespace

bool save_participants(const std::filesystem::path& file, const std::vector<LoadParticipant>& participants) {
  json::array list;
  for (const LoadParticipant& one : participants) list.push_back(to_json(one));
  const std::string text = json::serialize(list);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const bool written = ::write(descriptor, text.data(), text.size()) == std::ssize(text);
  return ::close(descriptor) == 0 && written;
}

std::expected<std::vector<LoadParticipant>, HttpError> restore_participants(const std::filesystem::path& file,
                                                                            const ServerUrl& url,
                                                                            boost::asio::ssl::context& tls) {
  std::ifstream stream(file);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  std::vector<LoadParticipant> participants;
  try {
    for (const auto& item : json::parse(text).as_array()) {
      auto one = from_json(item, file, url, tls);
      if (!one) return std::unexpected(one.error());
      if (auto signed_in = sign_in_again(*one); !signed_in) return std::unexpected(signed_in.error());
      participants.push_back(std::move(*one));
    }
  } catch (const std::exception&) {
    return unreadable(file);
  }
  return participants;
}

}  // namespace wardline::client
