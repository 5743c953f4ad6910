#include "server/http/json_reader.h"
#include "server/http/routes/identity_routes.h"

namespace wardline::http {

using policy::Action;

namespace {

Result<core::UserId> account_of(Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  return context.id<core::UserId>("id");
}

Result<Response> deactivate(const IdentityParts& parts, Context& context) {
  const auto user = account_of(context);
  if (!user) return std::unexpected(user.error());
  const auto done = parts.identity.administration().deactivate(requester_of(context), *user);
  if (!done) return std::unexpected(done.error());
  return no_content();
}

Result<Response> reset_factors(const IdentityParts& parts, Context& context) {
  const auto user = account_of(context);
  if (!user) return std::unexpected(user.error());
  const auto code = parts.identity.administration().reset_factors(requester_of(context), *user);
  if (!code) return std::unexpected(code.error());
  return json_response({{"activation_code", *code}});
}

}  // namespace

void add_account_routes(Router& router, const IdentityParts& parts) {
  router.add<Action::user_manage>(Method::post, "/v1/accounts/{id}/deactivate",
                                  [parts](Context& context) { return deactivate(parts, context); });
  router.add<Action::user_manage>(Method::post, "/v1/accounts/{id}/reset-factors",
                                  [parts](Context& context) { return reset_factors(parts, context); });
}

}  // namespace wardline::http
