#include "server/http/json_reader.h"
#include "server/http/routes/identity_routes.h"

namespace wardline::http {

using policy::Action;

namespace {

Result<Response> read(const IdentityParts& parts, Context& context) {
  const auto session = parts.identity.sessions().authenticate(context.session_key());
  if (!session) return std::unexpected(session.error());
  const auto object = session_object(parts, *session);
  if (!object) return std::unexpected(object.error());
  return json_response(*object);
}

Result<Response> end(const IdentityParts& parts, Context& context) {
  const auto ended = parts.identity.sessions().end(requester_of(context));
  if (!ended) return std::unexpected(ended.error());
  Response response = no_content();
  clear_session_cookie(response);
  return response;
}

Result<Response> challenge(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto fresh = parts.identity.sessions().new_challenge(requester_of(context));
  if (!fresh) return std::unexpected(fresh.error());
  return json_response({{"challenge", to_json(ByteView(*fresh))}});
}

Result<Response> bind(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto device = body.id<core::DeviceId>("device_id");
  const auto proof = read_key_proof(body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto bound = parts.identity.devices().bind_session(requester_of(context), device, proof);
  if (!bound) return std::unexpected(bound.error());
  return session_started(parts, *bound);
}

}  // namespace

identity::KeyProof read_key_proof(JsonReader& body) {
  return {.challenge = body.binary("challenge", {.least = 32, .most = 32}),
          .signature = body.binary("signature", {.least = 8, .most = 80})};
}

void add_session_routes(Router& router, const IdentityParts& parts) {
  const auto with = [parts](Result<Response> (*handler)(const IdentityParts&, Context&)) {
    return [parts, handler](Context& context) { return handler(parts, context); };
  };
  router.add<Action::session_read>(Method::get, "/v1/session", with(read));
  router.add<Action::session_end>(Method::del, "/v1/session", with(end));
  router.add<Action::session_bind_device>(Method::post, "/v1/session/challenge", with(challenge));
  router.add<Action::session_bind_device>(Method::post, "/v1/session/device", with(bind));
}

}  // namespace wardline::http
