#include "lib/tls_codec/codec.h"
#include "server/http/json_reader.h"
#include "server/http/routes/conversation_routes.h"
#include "server/http/routes/delivery_json.h"

namespace wardline::http {

using policy::Action;

namespace {

constexpr Length kPackage{.least = 1, .most = 16U << 10};

json::object show(const delivery::KeyPackageStock& stock) {
  return {{"available", stock.available}, {"has_last_resort", stock.has_last_resort}};
}

Result<Response> publish(delivery::Delivery& delivery, Context& context) {
  JsonReader body(context.request().body);
  const auto packages = body.binaries("key_packages", kPackage, delivery::kMostKeyPackages);
  const auto last_resort = body.optional_binary("last_resort", kPackage);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto stock = delivery.key_packages.publish(context.subject(), packages, last_resort);
  if (!stock) return std::unexpected(stock.error());
  return json_response(show(*stock));
}

Result<Response> claim(delivery::Delivery& delivery, Context& context) {
  JsonReader body(context.request().body);
  body.optional_id<core::ConversationId>("conversation_id");  // For the client's own book-keeping.
  const auto users = body.ids<core::UserId>("user_ids", 500);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto claim = delivery.key_packages.claim(context.subject(), users);
  if (!claim) return std::unexpected(claim.error());
  json::array claimed;
  for (const delivery::ClaimedKeyPackage& one : claim->claimed) {
    claimed.push_back(json::object{{"user_id", to_json(one.user)},
                                   {"device_id", to_json(one.device)},
                                   {"key_package", to_json(ByteView(one.key_package))}});
  }
  json::array without;
  for (const core::UserId& user : claim->without_device) without.push_back(to_json(user));
  return json_response({{"claimed", std::move(claimed)}, {"without_device", std::move(without)}});
}

Result<Response> welcomes(delivery::Delivery& delivery, Context& context) {
  const auto waiting = delivery.inbox.list(context.subject());
  if (!waiting) return std::unexpected(waiting.error());
  json::array items;
  for (const delivery::WaitingWelcome& one : *waiting) {
    items.push_back(json::object{{"welcome_id", to_json(one.id)},
                                 {"conversation_id", to_json(one.conversation)},
                                 {"sequence", one.sequence},
                                 {"welcome", to_json(ByteView(one.welcome))},
                                 {"ratchet_tree", to_json(ByteView(one.ratchet_tree))}});
  }
  return json_response({{"welcomes", std::move(items)}});
}

}  // namespace

void add_key_package_routes(Router& router, delivery::Delivery& delivery) {
  router.add<Action::key_package_publish>(
      Method::put, "/v1/key-packages", [&delivery](Context& context) { return publish(delivery, context); },
      {.body_limit = 4U << 20});
  router.add<Action::key_package_publish>(Method::get, "/v1/key-packages",
                                          [&delivery](Context& context) -> Result<Response> {
                                            const auto stock = delivery.key_packages.stock(context.subject());
                                            if (!stock) return std::unexpected(stock.error());
                                            return json_response(show(*stock));
                                          });
  router.add<Action::key_package_claim>(Method::post, "/v1/key-packages/claim",
                                        [&delivery](Context& context) { return claim(delivery, context); });
  router.add<Action::welcome_read>(Method::get, "/v1/welcomes",
                                   [&delivery](Context& context) { return welcomes(delivery, context); });
  router.add<Action::welcome_read>(Method::del, "/v1/welcomes/{id}",
                                   [&delivery](Context& context) -> Result<Response> {
                                     const auto id = context.id<delivery::WelcomeId>("id");
                                     if (!id) return std::unexpected(id.error());
                                     if (auto done = delivery.inbox.remove(context.subject(), *id); !done)
                                       return std::unexpected(done.error());
                                     return no_content();
                                   });
}

}  // namespace wardline::http
