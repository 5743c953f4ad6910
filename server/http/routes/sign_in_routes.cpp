#include "server/http/json_reader.h"
#include "server/http/routes/identity_routes.h"

namespace wardline::http {

using policy::Action;

namespace {

constexpr std::int64_t kWebAuthnTimeoutMs = 120'000;
constexpr Length kUsername{.least = 1, .most = 200};
constexpr Length kPassword{.least = 1, .most = 1024};
constexpr Length kToken{.least = 1, .most = 100};
constexpr Length kCode{.least = 1, .most = 40};
constexpr Length kClientData{.least = 1, .most = 4096};
constexpr Length kWebAuthnData{.least = 1, .most = 16U << 10};
constexpr Length kKeyName{.least = 1, .most = 100};

Result<Response> password(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto username = body.text("username", kUsername);
  const auto secret = body.secret("password", kPassword);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto begun = parts.identity.sign_in().password(username, secret, remote_address(context.peer()));
  if (!begun) return std::unexpected(begun.error());
  json::array factors;
  for (const auto kind : begun->factors) factors.push_back(json::string(identity::name_of(kind)));
  json::object answer{{"sign_in_id", begun->sign_in_id},
                      {"next", begun->enrol ? "enrol_factor" : "second_factor"},
                      {"factors", std::move(factors)}};
  if (!begun->credential_ids.empty()) {
    json::array credentials;
    for (const auto& id : begun->credential_ids) credentials.push_back(to_json(ByteView(id)));
    answer["webauthn"] = json::object{{"challenge", to_json(ByteView(begun->challenge))},
                                      {"rp_id", parts.identity.relying_party().id},
                                      {"credential_ids", std::move(credentials)},
                                      {"timeout_ms", kWebAuthnTimeoutMs}};
  }
  return json_response(answer);
}

Result<Response> answered(const IdentityParts& parts, const Result<identity::StartedSession>& started) {
  if (!started) return std::unexpected(started.error());
  return session_started(parts, *started);
}

Result<Response> webauthn(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto sign_in = body.text("sign_in_id", kToken);
  const auto credential = body.binary("credential_id", {.least = 1, .most = 1023});
  const identity::webauthn::Assertion assertion{
      .authenticator_data = body.binary("authenticator_data", kWebAuthnData),
      .client_data_json = body.binary("client_data_json", kClientData),
      .signature = body.binary("signature", {.least = 1, .most = 1024})};
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  return answered(parts, parts.identity.sign_in().webauthn(sign_in, credential, assertion,
                                                           remote_address(context.peer())));
}

Result<Response> totp(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto sign_in = body.text("sign_in_id", kToken);
  const auto code = body.text("code", kCode);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  return answered(parts, parts.identity.sign_in().totp(sign_in, code, remote_address(context.peer())));
}

Result<Response> begin_enrolment(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto id = body.text("sign_in_id", kToken);
  const auto code = body.text("activation_code", kCode);
  const auto kind = body.choice<identity::FactorKind>(
      "factor", {{"webauthn", identity::FactorKind::webauthn}, {"totp", identity::FactorKind::totp}});
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  auto& sign_in = parts.identity.sign_in();
  if (kind == identity::FactorKind::webauthn) {
    const auto offer = sign_in.begin_webauthn(id, code, remote_address(context.peer()));
    if (!offer) return std::unexpected(offer.error());
    return json_response(to_json(*offer, parts.identity.relying_party()));
  }
  const auto offer = sign_in.begin_totp(id, code, remote_address(context.peer()));
  if (!offer) return std::unexpected(offer.error());
  return json_response(to_json(*offer));
}

Result<Response> enrol_webauthn(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto sign_in = body.text("sign_in_id", kToken);
  const identity::webauthn::Registration answer{
      .attestation_object = body.binary("attestation_object", kWebAuthnData),
      .client_data_json = body.binary("client_data_json", kClientData)};
  const auto name = body.text("name", kKeyName);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  return answered(
      parts, parts.identity.sign_in().enrol_webauthn(sign_in, answer, name, remote_address(context.peer())));
}

Result<Response> enrol_totp(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const auto sign_in = body.text("sign_in_id", kToken);
  const auto code = body.text("code", kCode);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  return answered(parts, parts.identity.sign_in().enrol_totp(sign_in, code, remote_address(context.peer())));
}

}  // namespace

void add_sign_in_routes(Router& router, const IdentityParts& parts) {
  const auto with = [parts](Result<Response> (*handler)(const IdentityParts&, Context&)) {
    return [parts, handler](Context& context) { return handler(parts, context); };
  };
  constexpr RouteOptions kSmall{.body_limit = 64U << 10};
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/password", with(password), kSmall);
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/webauthn", with(webauthn), kSmall);
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/totp", with(totp), kSmall);
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/enrol/begin", with(begin_enrolment), kSmall);
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/enrol/webauthn", with(enrol_webauthn),
                                     kSmall);
  router.add<Action::public_sign_in>(Method::post, "/v1/sign-in/enrol/totp", with(enrol_totp), kSmall);
}

}  // namespace wardline::http
