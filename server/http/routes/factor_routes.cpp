#include "server/http/json_reader.h"
#include "server/http/routes/identity_routes.h"
#include "server/http/routes/people_json.h"

namespace wardline::http {

using policy::Action;

namespace {

Result<Response> list(const IdentityParts& parts, Context& context) {
  const auto factors = parts.identity.factors().list(requester_of(context));
  if (!factors) return std::unexpected(factors.error());
  return json_response({{"factors", to_json_array(*factors)}});
}

Result<Response> begin_webauthn(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto offer = parts.identity.factors().begin_webauthn(requester_of(context));
  if (!offer) return std::unexpected(offer.error());
  return json_response(to_json(*offer, parts.identity.relying_party()));
}

Result<Response> add_webauthn(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const identity::webauthn::Registration answer{
      .attestation_object = body.binary("attestation_object", {.least = 1, .most = 16U << 10}),
      .client_data_json = body.binary("client_data_json", {.least = 1, .most = 4096})};
  const auto name = body.text("name", {.least = 1, .most = 100});
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto factor = parts.identity.factors().add_webauthn(requester_of(context), answer, name);
  if (!factor) return std::unexpected(factor.error());
  return json_response(to_json(*factor), 201);
}

Result<Response> begin_totp(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto offer = parts.identity.factors().begin_totp(requester_of(context));
  if (!offer) return std::unexpected(offer.error());
  return json_response(to_json(*offer));
}

Result<Response> add_totp(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto code = body.text("code", {.least = 1, .most = 40});
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto factor = parts.identity.factors().add_totp(requester_of(context), code);
  if (!factor) return std::unexpected(factor.error());
  return json_response(to_json(*factor), 201);
}

Result<Response> remove(const IdentityParts& parts, Context& context) {
  const auto id = context.id<identity::FactorId>("factor_id");
  if (!id) return std::unexpected(id.error());
  const auto removed = parts.identity.factors().remove(requester_of(context), *id);
  if (!removed) return std::unexpected(removed.error());
  return no_content();
}

}  // namespace

json::object to_json(const identity::WebAuthnOffer& offer, const identity::webauthn::RelyingParty& party) {
  json::array algorithms;
  for (const auto algorithm : identity::webauthn::kAlgorithms)
    algorithms.push_back(static_cast<std::int64_t>(algorithm));
  json::array known;
  for (const auto& id : offer.known_credential_ids) known.push_back(to_json(ByteView(id)));
  return {{"challenge", to_json(ByteView(offer.challenge))},
          {"rp_id", party.id},
          {"rp_name", party.name},
          {"user_handle", to_json(ByteView(offer.user_handle))},
          {"user_name", offer.user_name},
          {"display_name", offer.display_name},
          {"algorithms", std::move(algorithms)},
          {"exclude_credential_ids", std::move(known)}};
}

json::object to_json(const identity::TotpOffer& offer) {
  return {{"secret_base32", offer.secret_text}, {"otpauth_uri", offer.uri}};
}

void add_factor_routes(Router& router, const IdentityParts& parts) {
  const auto with = [parts](Result<Response> (*handler)(const IdentityParts&, Context&)) {
    return [parts, handler](Context& context) { return handler(parts, context); };
  };
  router.add<Action::factor_read>(Method::get, "/v1/factors", with(list));
  router.add<Action::factor_add>(Method::post, "/v1/factors/webauthn/begin", with(begin_webauthn));
  router.add<Action::factor_add>(Method::post, "/v1/factors/webauthn", with(add_webauthn));
  router.add<Action::factor_add>(Method::post, "/v1/factors/totp/begin", with(begin_totp));
  router.add<Action::factor_add>(Method::post, "/v1/factors/totp", with(add_totp));
  router.add<Action::factor_remove>(Method::del, "/v1/factors/{factor_id}", with(remove));
}

}  // namespace wardline::http
