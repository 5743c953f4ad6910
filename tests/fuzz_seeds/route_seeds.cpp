#include "tests/fuzz_seeds/route_seeds.h"

#include "server/app/api_routes.h"
#include "server/core/log.h"
#include "server/http/worker_pool.h"
#include "tests/support/test_database.h"

namespace wardline::fuzz {
namespace {

/// What goes with a call: a query after '?', a range after '=', or a body. '@' and a letter stand for an id.
struct Example {
  std::string_view call;
  std::string_view with;
};

constexpr Example kExamples[] = {
    {"POST /v1/sign-in/password", R"({"username": "a.novak", "password": "correct horse battery"})"},
    {"POST /v1/sign-in/webauthn",
     R"({"sign_in_id": "AAEC", "credential_id": "AAEC", "authenticator_data": "AAEC", "client_data_json": "AAEC", "signature": "AAEC"})"},
    {"POST /v1/sign-in/totp", R"({"sign_in_id": "AAEC", "code": "123456"})"},
    {"POST /v1/sign-in/enrol/begin",
     R"({"sign_in_id": "AAEC", "activation_code": "ABCD-EFGH-JKLM", "factor": "totp"})"},
    {"POST /v1/sign-in/enrol/webauthn",
     R"({"sign_in_id": "AAEC", "attestation_object": "AAEC", "client_data_json": "AAEC", "name": "key"})"},
    {"POST /v1/sign-in/enrol/totp", R"({"sign_in_id": "AAEC", "code": "123456"})"},
    {"POST /v1/session/device", R"({"device_id": "@a", "challenge": "AAEC", "signature": "AAEC"})"},
    {"POST /v1/factors/webauthn",
     R"({"attestation_object": "AAEC", "client_data_json": "AAEC", "name": "key"})"},
    {"POST /v1/factors/totp", R"({"code": "123456"})"},
    {"POST /v1/devices",
     R"({"device_id": "@a", "name": "phone", "signature_key": "BAEC", "challenge": "AAEC", "signature": "AAEC"})"},
    {"PUT /v1/key-packages", R"({"key_packages": ["AAEC"], "last_resort": "AAEC"})"},
    {"POST /v1/key-packages/claim", R"({"conversation_id": "@a", "user_ids": ["@b", "@c"]})"},
    {"GET /v1/device-log/consistency", "?from=1&to=2"},
    {"POST /v1/device-log/inclusion",
     R"({"size": 1, "certificates": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]})"},
    {"GET /v1/device-log/entries", "?first=0&last=1&size=1"},
    {"POST /v1/device-log/reports", R"({"problem": "forked", "conversation_id": "@a"})"},
    {"POST /v1/directory/search",
     R"({"query": "nov", "role": "nurse", "service_id": "@a", "on_call": true, "cursor": "AAEC", "limit": 5})"},
    {"POST /v1/directory/search", R"({"query": "a", "limit": 50})"},
    {"POST /v1/directory/similar", R"({"user_ids": ["@a", "@b"]})"},
    {"POST /v1/patients/match",
     R"({"birth_date": "1950-02-28", "family_name": "Hernandez", "given_name": "Maria"})"},
    {"POST /v1/patients/match", R"({"mrn": "100001", "given_name": "Ada"})"},
    {"POST /v1/send-decision", R"({"user_ids": ["@a"], "patient_id": "@b", "priority": "urgent"})"},
    {"POST /v1/conversations",
     R"({"conversation_id": "@a", "kind": "group", "user_ids": ["@b"], "match_id": "AAEC", "group_info_0": "AAEC", "commit": "AAEC", "welcome": "AAEC", "group_info": "AAEC"})"},
    {"POST /v1/conversations",
     R"({"conversation_id": "@a", "kind": "direct", "user_ids": ["@b"], "confirmed": {"cross_service": ["@b"], "reason": {"word": "consult", "user_ids": ["@b"]}}, "group_info_0": "AAEC", "commit": "AAEC", "welcome": "AAEC", "group_info": "AAEC"})"},
    {"POST /v1/conversations/{id}/messages",
     R"({"idempotency_id": "@a", "epoch": 1, "message": "AAEC", "priority": "routine", "needs_acknowledgement": true})"},
    {"POST /v1/conversations/{id}/commits",
     R"({"idempotency_id": "@a", "epoch": 1, "commit": "AAEC", "welcome": "AAEC", "group_info": "AAEC", "user_ids_added": ["@b"], "user_ids_removed": []})"},
    {"POST /v1/conversations/{id}/proposals", R"({"idempotency_id": "@a", "epoch": 1, "proposal": "AAEC"})"},
    {"GET /v1/conversations/{id}/log", "?after=0&limit=9"},
    {"POST /v1/conversations/{id}/receipts", R"({"delivered": 3, "read": 2, "acknowledged": 1})"},
    {"POST /v1/conversations/{id}/reports", R"({"sequence": 1, "reason": "cannot-process-commit"})"},
    {"POST /v1/conversations/{id}/files",
     R"({"file_id": "@a", "size": 100, "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})"},
    {"PUT /v1/conversations/{id}/files/{file_id}", "= 0-4/100"},
    {"GET /v1/conversations/{id}/files/{file_id}", "=0-99"},
    {"GET /v1/socket", R"({"type": "hello", "cursors": [{"conversation_id": "@a", "after": 3}]})"},
    {"GET /v1/socket",
     R"({"type": "send", "ref": 1, "conversation_id": "@a", "idempotency_id": "@b", "epoch": 1, "message": "AAEC", "priority": "routine", "needs_acknowledgement": false})"},
    {"GET /v1/socket", R"({"type": "receipt", "conversation_id": "@a", "delivered": 3, "read": 2})"},
    {"GET /v1/socket", R"({"type": "typing", "conversation_id": "@a"})"},
    {"GET /v1/socket", R"({"type": "ping", "ref": -7})"},
};

/// As the target takes a request apart.
Bytes request(std::size_t index, const http::Route& route, std::string_view with) {
  Bytes seed{static_cast<std::uint8_t>(index)};
  for (const char c : route.pattern) {
    if (c == '{') append(seed, Bytes{1, 0});  // One of the ids that there are.
  }
  const bool is_query = with.starts_with('?'), is_range = with.starts_with('=');
  const std::string_view query = is_query ? with.substr(1) : "", range = is_range ? with : "";
  seed.push_back(static_cast<std::uint8_t>(query.size()));
  append(seed, as_bytes(query));
  seed.push_back(static_cast<std::uint8_t>(index % 6));  // Who asks.
  seed.push_back(is_range ? 1 : 0);
  if (is_range) {
    seed.push_back(static_cast<std::uint8_t>(range.size()));
    append(seed, as_bytes(range));
  }
  append(seed, with_size(as_bytes(is_query ? "" : is_range ? "hello" : with)));
  return seed;
}

}  // namespace

void add_routes(Seeds& seeds) {
  core::log::set_level(core::log::Level::error);
  const core::ManualClock clock{{1'760'000'000'000'000}};
  const support::TemporaryDirectory folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  const auto backend = app::Backend::open({.data = folder.path(),
                                           .relying_party = {"localhost", "St. Mary", {"https://localhost"}},
                                           .log_host = "localhost",
                                           .create = true},
                                          clock)
                           .value();
  http::Router router;
  app::add_api_routes(router, {.backend = *backend,
                               .authenticator = backend->authenticator(),
                               .run_later = [](const std::function<void()>&) {},
                               .is_ready = [] { return true; }});
  const auto routes = router.routes();
  for (std::size_t index = 0; index < routes.size(); ++index) {
    const http::Route& route = *routes[index];
    const std::string call = std::string(net::name_of(route.method)) + " " + route.pattern;
    seeds.add("http_routes", request(index, route, "{}"));
    for (const Example& example : kExamples) {
      if (example.call == call) seeds.add("http_routes", request(index, route, example.with));
    }
  }
}

}  // namespace wardline::fuzz
