#include "server/http/json_reader.h"
#include "server/http/routes/identity_routes.h"
#include "server/http/routes/people_json.h"

namespace wardline::http {

using policy::Action;

namespace {

constexpr std::size_t kPointSize = 65;

Result<Response> enrol(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  const identity::NewDevice device{
      .id = body.id<core::DeviceId>("device_id"),
      .name = body.text("name", {.least = 1, .most = 100}),
      .signature_key = body.binary("signature_key", {.least = kPointSize, .most = kPointSize})};
  const auto proof = read_key_proof(body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto registered = parts.identity.devices().enrol(requester_of(context), device, proof);
  if (!registered) return std::unexpected(registered.error());
  json::array chain;
  for (const auto& certificate : registered->certificate_chain)
    chain.push_back(to_json(ByteView(certificate)));
  return session_started(parts, registered->session,
                         {{"device", to_json(registered->device)},
                          {"certificate_chain", std::move(chain)},
                          {"storage_share", to_json(registered->storage_share.view())}});
}

Result<Response> list(const IdentityParts& parts, Context& context) {
  const auto devices = parts.identity.devices().list(requester_of(context));
  if (!devices) return std::unexpected(devices.error());
  return json_response({{"devices", to_json_array(*devices)}});
}

Result<Response> revoke(const IdentityParts& parts, Context& context) {
  JsonReader body(context.request().body);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  const auto device = context.id<core::DeviceId>("id");
  if (!device) return std::unexpected(device.error());
  const auto revoked = parts.identity.devices().revoke(requester_of(context), *device);
  if (!revoked) return std::unexpected(revoked.error());
  return no_content();
}

Result<Response> storage_share(const IdentityParts& parts, Context& context) {
  const auto share = parts.identity.devices().storage_share(requester_of(context));
  if (!share) return std::unexpected(share.error());
  return json_response({{"storage_share", to_json(share->view())}});
}

}  // namespace

void add_device_routes(Router& router, const IdentityParts& parts) {
  const auto with = [parts](Result<Response> (*handler)(const IdentityParts&, Context&)) {
    return [parts, handler](Context& context) { return handler(parts, context); };
  };
  router.add<Action::device_enrol>(Method::post, "/v1/devices", with(enrol));
  router.add<Action::device_read>(Method::get, "/v1/devices", with(list));
  router.add<Action::device_revoke>(Method::post, "/v1/devices/{id}/revoke", with(revoke));
  router.add<Action::storage_share_read>(Method::get, "/v1/devices/storage-share", with(storage_share));
}

}  // namespace wardline::http
