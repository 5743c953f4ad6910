#include "server/http/routes/session_answer.h"

#include "server/http/routes/people_json.h"

namespace wardline::http {
namespace {

constexpr std::string_view kCookieAttributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";

/// Somebody who is not placed in the directory yet still sees who they are.
core::Result<directory::PersonView> without_place(const IdentityParts& parts, storage::ReadTransaction& tx,
                                                  core::UserId user) {
  const auto account = parts.identity.accounts().store().find(tx, user);
  if (!account) return std::unexpected(account.error());
  directory::Person person{.id = user, .name = (*account)->name, .username = (*account)->username};
  person.role = (*account)->role;
  person.role_title = policy::words_of(person.role);
  return directory::PersonView{
      std::make_shared<const directory::Person>(std::move(person)), {}, directory::Contact::self};
}

Result<directory::PersonView> self(const IdentityParts& parts, core::UserId user) {
  auto view = parts.directory.self(user);
  if (!view) return std::unexpected(view.error());
  if (*view) return std::move(**view);
  return parts.identity.environment().database.read(
      [&](storage::ReadTransaction& tx) { return without_place(parts, tx, user); });
}

Result<json::value> own_device(const IdentityParts& parts, const identity::Session& session) {
  if (!session.device) return json::value(nullptr);
  return parts.identity.environment().database.read([&](storage::ReadTransaction& tx) -> Result<json::value> {
    const auto device = parts.identity.devices().find(tx, *session.device);
    if (!device) return std::unexpected(device.error());
    return json::value(to_json_or_null(*device));
  });
}

}  // namespace

identity::RemoteAddress remote_address(const net::Address& peer) { return {to_bytes(peer.bytes)}; }

identity::Requester requester_of(const Context& context) {
  return {context.subject(), remote_address(context.peer())};
}

Result<json::object> session_object(const IdentityParts& parts, const identity::Session& session) {
  const auto user = self(parts, session.user);
  if (!user) return std::unexpected(user.error());
  auto device = own_device(parts, session);
  if (!device) return std::unexpected(device.error());
  json::array permissions;
  for (const auto action : policy::permissions_of(parts.identity.environment().policy, session.subject())) {
    permissions.push_back(json::string(policy::name_of(action)));
  }
  return json::object{
      {"session",
       {{"stage", session.stage() == policy::Stage::device_bound ? "device_bound" : "signed_in"},
        {"expires_at", to_json(session.expires_at)},
        {"idle_seconds", session.idle.count()}}},
      {"user", to_json(*user)},
      {"device", std::move(*device)},
      {"permissions", std::move(permissions)}};
}

Result<Response> session_started(const IdentityParts& parts, const identity::StartedSession& started,
                                 json::object more) {
  auto object = session_object(parts, started.session);
  if (!object) return std::unexpected(object.error());
  for (auto& [name, value] : more) object->insert_or_assign(name, std::move(value));
  Response response = json_response(*object);
  response.set("set-cookie",
               std::string(kSessionCookie) + "=" + started.token + std::string(kCookieAttributes));
  return response;
}

Response& clear_session_cookie(Response& response) {
  return response.set("set-cookie",
                      std::string(kSessionCookie) + "=; Max-Age=0" + std::string(kCookieAttributes));
}

}  // namespace wardline::http
