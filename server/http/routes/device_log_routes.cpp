#include "server/http/routes/device_log_routes.h"

#include <limits>

#include "server/http/json_reader.h"
#include "server/http/routes/session_answer.h"

namespace wardline::http {

using identity::DeviceLog;
using policy::Action;

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kHash = merkle::kHashSize;

json::array proof_json(const merkle::Proof& proof) {
  json::array hashes;
  for (const merkle::Hash& hash : proof) hashes.push_back(to_json(ByteView(hash)));
  return hashes;
}

Result<Response> checkpoint(DeviceLog& log, Context&) {
  const auto text = log.checkpoint();
  if (!text) return std::unexpected(text.error());
  return json_response({{"checkpoint", *text}});
}

Result<Response> consistency(DeviceLog& log, Context& context) {
  const auto from = context.query_integer("from", 0, kLargest);
  const auto to = context.query_integer("to", 0, kLargest);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  const auto proof = log.consistency(static_cast<std::uint64_t>(*from), static_cast<std::uint64_t>(*to));
  if (!proof) return std::unexpected(proof.error());
  return json_response({{"proof", proof_json(*proof)}});
}

Result<Response> inclusion(DeviceLog& log, Context& context) {
  JsonReader body(context.request().body);
  const auto size = body.integer("size", 1);
  const auto wanted =
      body.binaries("certificates", {.least = kHash, .most = kHash}, DeviceLog::kMostCertificates);
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  std::vector<transparency::CertificateHash> certificates;
  certificates.reserve(wanted.size());
  for (const Bytes& hash : wanted) certificates.push_back(*merkle::hash_from(hash));
  const auto found = log.inclusion(static_cast<std::uint64_t>(size), certificates);
  if (!found) return std::unexpected(found.error());
  json::array proofs;
  for (const DeviceLog::Inclusion& each : *found) {
    proofs.push_back(json::object{{"certificate", to_json(ByteView(each.certificate))},
                                  {"index", each.index},
                                  {"proof", proof_json(each.proof)}});
  }
  return json_response({{"proofs", std::move(proofs)}});
}

Result<Response> entries(DeviceLog& log, Context& context) {
  std::array<std::uint64_t, 3> numbers{};
  constexpr std::array<std::string_view, 3> kNames{"first", "last", "size"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const auto number = context.query_integer(kNames[i], 0, kLargest);
    if (!number) return std::unexpected(number.error());
    numbers[i] = static_cast<std::uint64_t>(*number);
  }
  const auto found = log.entries(numbers[0], numbers[1], numbers[2]);
  if (!found) return std::unexpected(found.error());
  json::array said;
  for (const std::string& entry : found->entries) said.push_back(json::string(entry));
  return json_response({{"entries", std::move(said)}, {"proof", proof_json(found->proof)}});
}

Result<Response> report(DeviceLog& log, Context& context) {
  using Problem = identity::DeviceLogProblem;
  JsonReader body(context.request().body);
  const auto problem = body.choice<Problem>("problem", {{"other-key", Problem::other_key},
                                                        {"bad-signature", Problem::bad_signature},
                                                        {"rolled-back", Problem::rolled_back},
                                                        {"forked", Problem::forked},
                                                        {"not-included", Problem::not_included},
                                                        {"unlogged-device", Problem::unlogged_device},
                                                        {"members-differ", Problem::members_differ}});
  const auto conversation = body.optional_id<core::ConversationId>("conversation_id");
  if (auto ok = body.finish(); !ok) return std::unexpected(ok.error());
  if (auto done = log.report(requester_of(context), problem, conversation); !done)
    return std::unexpected(done.error());
  return json_response({}, 202);
}

/// What C2SP tlog-tiles asks for under the log's prefix: the path behind it, put together again.
Result<Response> file(DeviceLog& log, Context& context, std::initializer_list<std::string_view> names) {
  std::string path = names.size() == 0 ? "checkpoint" : "tile";
  for (const std::string_view name : names) path += "/" + std::string(context.parameter(name));
  const auto bytes = log.file(requester_of(context), path);
  if (!bytes) return std::unexpected(bytes.error());
  Response response;
  response.set("content-type", names.size() == 0 ? "text/plain; charset=utf-8" : "application/octet-stream");
  response.set("cache-control", "no-store");
  response.body = as_text(*bytes);
  return response;
}

}  // namespace

void add_device_log_routes(Router& router, DeviceLog& log) {
  const auto with = [&log](Result<Response> (*handler)(DeviceLog&, Context&)) {
    return [&log, handler](Context& context) { return handler(log, context); };
  };
  const std::string prefix = "/v1/device-log";
  router.add<Action::device_log_read>(Method::get, prefix + "/checkpoint", with(checkpoint));
  router.add<Action::device_log_read>(Method::get, prefix + "/consistency", with(consistency));
  router.add<Action::device_log_read>(Method::post, prefix + "/inclusion", with(inclusion));
  router.add<Action::device_log_read>(Method::get, prefix + "/entries", with(entries));
  router.add<Action::device_log_report>(Method::post, prefix + "/reports", with(report));

  // A tile's number is written in groups of three digits, and a partial tile has its width behind it.
  const std::string log_prefix = prefix + "/log";
  const std::string tile = log_prefix + "/tile/{level}/{a}";
  router.add<Action::audit_read>(Method::get, log_prefix + "/checkpoint",
                                 [&log](Context& context) { return file(log, context, {}); });
  router.add<Action::audit_read>(Method::get, tile,
                                 [&log](Context& context) { return file(log, context, {"level", "a"}); });
  router.add<Action::audit_read>(Method::get, tile + "/{b}", [&log](Context& context) {
    return file(log, context, {"level", "a", "b"});
  });
  router.add<Action::audit_read>(Method::get, tile + "/{b}/{c}", [&log](Context& context) {
    return file(log, context, {"level", "a", "b", "c"});
  });
  router.add<Action::audit_read>(Method::get, tile + "/{b}/{c}/{d}", [&log](Context& context) {
    return file(log, context, {"level", "a", "b", "c", "d"});
  });
}

}  // namespace wardline::http
