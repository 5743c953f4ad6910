// Signing in, devices, the directory and patients through a real TLS server: the exact shapes of docs/api.md,
// and what a client with a stolen or wrong credential gets to see.
#include "server/http/routes/identity_routes.h"

#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lib/crypto/random.h"
#include "server/audit/sequencer.h"
#include "server/clinical/migrations.h"
#include "server/directory/migrations.h"
#include "server/http/gateway.h"
#include "server/http/routes/device_log_routes.h"
#include "server/http/routes/directory_routes.h"
#include "server/http/routes/patient_routes.h"
#include "server/net/testing/fixture.h"
#include "tests/hospital/identity_harness.h"

namespace wardline::http {
namespace {

using hospital::must;
using net::testing::Answer;
using net::testing::Client;

class RealSessions final : public Authenticator {
 public:
  explicit RealSessions(identity::Identity& identity) : identity_(identity) {}
  Result<policy::Subject> authenticate(const identity::SessionKey& key, const net::Address&) override {
    const auto session = identity_.sessions().authenticate(key);
    if (!session) return std::unexpected(session.error());
    return session->subject();
  }
  std::optional<Result<policy::Subject>> authenticate_now(const identity::SessionKey& key,
                                                          const net::Address&) override {
    const auto session = identity_.sessions().authenticate_now(key);
    if (!session) return std::nullopt;
    return session->subject();
  }
  Result<void> may_attempt(const policy::Subject& subject, policy::Action action) override {
    const auto decision = policy::may_attempt(identity_.environment().policy, subject, action);
    if (!decision.permitted()) return std::unexpected(policy::denial(decision, action));
    return {};
  }
  core::Error record_denial(const policy::Subject&, policy::Action, const net::Address&,
                            core::Error error) override {
    return error;
  }

 private:
  identity::Identity& identity_;
};

class IdentityRoutes : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = must(directory::Directory::create(*hospital_.identity));
    patients_ = std::make_unique<clinical::Patients>(hospital_.environment, references_, nullptr);
    anna_ = hospital_.add("anna.schmidt", policy::Role::clinician, "Anna Schmidt");
    omar_ = hospital_.add("omar.haddad", policy::Role::clinician, "Omar Haddad");
    const auto author = identity::ChangeAuthor::system();
    must(hospital_.write([&](storage::Transaction& tx) -> core::Result<void> {
      const auto service = directory_->add_service(tx, author, "Cardiology");
      const auto location = directory_->add_location(tx, author, "4 West");
      for (const auto& user : {anna_.id, omar_.id})
        directory_->place(tx, author, user, "Cardiologist", service, location);
      const auto role = directory_->add_on_call_role(tx, author, "Cardiology on call", service);
      directory_->add_shift(tx, author, role, omar_.id, {0}, {std::int64_t{1} << 60});
      patient_ = patients_->add(tx, author,
                                {.id = {},
                                 .family_name = "Smith",
                                 .given_name = "John",
                                 .birth_date = "1972-11-03",
                                 .sex = "male",
                                 .mrn = "40012374",
                                 .location = {location, ""},
                                 .bed = "14A",
                                 .service = {service, ""},
                                 .allergies = {"Latex"}});
      return {};
    }));
    const IdentityParts parts{*hospital_.identity, *directory_};
    add_sign_in_routes(router_, parts);
    add_session_routes(router_, parts);
    add_device_routes(router_, parts);
    add_factor_routes(router_, parts);
    add_directory_routes(router_, *directory_);
    add_patient_routes(router_, *patients_);
    add_device_log_routes(router_, device_log_);
    sessions_ = std::make_unique<RealSessions>(*hospital_.identity);
    gateway_ = std::make_unique<Gateway>(
        GatewayParts{router_, *sessions_, pool_, metrics_, hospital_.clock, nullptr}, GatewaySettings{});
    auto server = net::Server::create(
        {.address = "127.0.0.1", .port = 0, .threads = 1, .tls = certificate_.files()}, *gateway_);
    ASSERT_TRUE(server);
    server_ = std::move(*server);
    server_->start();
  }
  void TearDown() override { server_.reset(); }

  struct Reply {
    int status = 0;
    json::object body;
    std::string cookie;  ///< set by the answer, if it sets one
    std::string code() const {
      const auto* type = body.if_contains("type");
      const std::string text = type ? std::string(type->as_string()) : "";
      return text.empty() ? "" : text.substr(text.rfind(':') + 1);
    }
    std::string text(const char* name) const { return std::string(body.at(name).as_string()); }
  };
  static Reply reply_of(const Answer& answer) {
    Reply reply{answer.status, {}, answer.field("set-cookie")};
    reply.cookie = reply.cookie.substr(0, reply.cookie.find(';'));
    if (!answer.body.empty()) reply.body = json::parse(answer.body).as_object();
    return reply;
  }
  std::string fields() const { return cookie_.empty() ? "" : "Cookie: " + cookie_ + "\r\n"; }
  Reply post(const std::string& path, const json::object& body) {
    auto reply =
        reply_of(Client(server_->port())
                     .post(path, json::serialize(body), "Content-Type: application/json\r\n" + fields()));
    if (!reply.cookie.empty()) cookie_ = reply.cookie;
    return reply;
  }
  Reply get(const std::string& path) { return reply_of(Client(server_->port()).get(path, fields())); }

  static std::set<std::string> names(const json::value& value) {
    std::set<std::string> all;
    for (const auto& [name, member] : value.as_object()) all.insert(std::string(name));
    return all;
  }
  using Names = std::set<std::string>;

  static Bytes binary(const json::value& value) { return *from_base64url(std::string(value.as_string())); }

  void sign_in(hospital::SoftAuthenticator& key) {
    const auto begun =
        post("/v1/sign-in/password", {{"username", "anna.schmidt"}, {"password", hospital::kPassword}});
    ASSERT_EQ(begun.status, 200);
    ASSERT_EQ(begun.text("next"), "enrol_factor");
    const auto offer = post("/v1/sign-in/enrol/begin", {{"sign_in_id", begun.text("sign_in_id")},
                                                        {"activation_code", anna_.activation_code},
                                                        {"factor", "webauthn"}});
    ASSERT_EQ(offer.status, 200);
    const auto answer = key.register_with(binary(offer.body.at("challenge")));
    const auto started =
        post("/v1/sign-in/enrol/webauthn", {{"sign_in_id", begun.text("sign_in_id")},
                                            {"attestation_object", to_base64url(answer.attestation_object)},
                                            {"client_data_json", to_base64url(answer.client_data_json)},
                                            {"name", "Blue key"}});
    ASSERT_EQ(started.status, 200);
    key.sign_count = 2;
  }
  Reply register_device(const hospital::SoftDevice& device) {
    const auto challenge = post("/v1/session/challenge", {});
    const auto proof = device.prove(binary(challenge.body.at("challenge")));
    return post("/v1/devices", {{"device_id", device.id().to_string()},
                                {"name", "Ward PC"},
                                {"signature_key", to_base64url(device.key().public_key())},
                                {"challenge", to_base64url(proof.challenge)},
                                {"signature", to_base64url(proof.signature)}});
  }

  hospital::IdentityHarness hospital_{storage::Engine::sqlite,
                                      storage::gather({directory::migrations(), clinical::migrations()})};
  static merkle::NoteSigner log_key() {
    return *merkle::NoteSigner::create("log.example/devices", merkle::NoteKeyType::ed25519, Bytes(32, 7));
  }
  identity::DeviceLog device_log_{hospital_.environment, log_key()};
  std::unique_ptr<directory::Directory> directory_;
  audit::PatientReferenceKey references_{crypto::random_secret(32)};
  std::unique_ptr<clinical::Patients> patients_;
  hospital::IdentityHarness::Somebody anna_;
  hospital::IdentityHarness::Somebody omar_;
  core::PatientId patient_;
  net::testing::TestCertificate certificate_;
  Router router_;
  core::Metrics metrics_;
  WorkerPool pool_{2, 64};
  std::unique_ptr<RealSessions> sessions_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<net::Server> server_;
  std::string cookie_;
};

TEST_F(IdentityRoutes, Enc8ADeviceIsProvenToBeLoggedAndMonitorsNeedTheRoleForIt) {
  EXPECT_EQ(get("/v1/device-log/checkpoint").status, 401);
  hospital::SoftAuthenticator key;
  sign_in(key);
  EXPECT_EQ(get("/v1/device-log/checkpoint").code(), "device-needed");
  const auto registered = register_device(hospital::SoftDevice());
  ASSERT_EQ(registered.status, 200);
  const auto early = get("/v1/device-log/checkpoint");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.code(), "not-logged-yet");
  EXPECT_EQ(early.body.at("retry_after_seconds").as_int64(), 1);

  const auto files = *audit::FolderStore::open(hospital_.directory.path() / "device-log");
  audit::Sequencer sequencer(*hospital_.database, audit::kDeviceLog, *files, log_key(), hospital_.clock,
                             core::new_id<audit::NodeId>());
  ASSERT_TRUE(sequencer.step());
  EXPECT_EQ(get("/v1/device-log/checkpoint").text("checkpoint"), as_text(*files->read("checkpoint")));
  const Bytes certificate = binary(registered.body.at("certificate_chain").as_array().front());
  const auto hash = to_base64url(transparency::hash_of_certificate(certificate));
  const auto proven = post("/v1/device-log/inclusion", {{"size", 1}, {"certificates", json::array{hash}}});
  ASSERT_EQ(proven.status, 200);
  const auto& proof = proven.body.at("proofs").as_array().front();
  EXPECT_EQ(names(proof), (Names{"certificate", "index", "proof"}));
  EXPECT_EQ(proof.at("certificate").as_string(), hash);
  EXPECT_EQ(proof.at("index").as_int64(), 0);
  const auto said = get("/v1/device-log/entries?first=0&last=1&size=1");
  EXPECT_EQ(names(said.body), (Names{"entries", "proof"}));
  EXPECT_EQ(transparency::parse_entry(std::string(said.body.at("entries").as_array().front().as_string()))
                ->certificate,
            certificate);
  EXPECT_EQ(get("/v1/device-log/consistency?from=1&to=1").body.at("proof").as_array().size(), 0U);

  const std::string unknown = to_base64url(Bytes(32, 9));
  const auto ghost =
      post("/v1/device-log/inclusion", {{"size", 1}, {"certificates", json::array{hash, unknown}}});
  EXPECT_EQ(ghost.status, 409);
  EXPECT_EQ(ghost.code(), "not-logged-yet");
  EXPECT_EQ(post("/v1/device-log/inclusion", {{"size", 2}, {"certificates", json::array{hash}}}).code(),
            "no-such-size");
  EXPECT_EQ(post("/v1/device-log/inclusion", {{"size", 1}, {"certificates", json::array{"AAAA"}}}).code(),
            "invalid-field");
  json::array many(257, json::value(hash));
  EXPECT_EQ(post("/v1/device-log/inclusion", {{"size", 1}, {"certificates", many}}).code(), "invalid-field");
  EXPECT_EQ(get("/v1/device-log/consistency?from=0&to=1").code(), "no-such-size");
  EXPECT_EQ(get("/v1/device-log/consistency?from=-1&to=1").code(), "invalid-query");
  for (const char* query : {"consistency", "consistency?from=1", "consistency?to=1", "entries?first=0&last=1",
                            "entries?first=0&size=1", "entries?last=1&size=1"}) {
    const auto refused = get(std::string("/v1/device-log/") + query);
    EXPECT_EQ(refused.status, 400) << query;
    EXPECT_EQ(refused.code(), "invalid-query") << query;
  }
  EXPECT_EQ(get("/v1/device-log/entries?first=0&last=9&size=1").code(), "no-such-range");
  EXPECT_EQ(post("/v1/device-log/reports", {{"problem", "forked"}}).status, 202);
  EXPECT_EQ(post("/v1/device-log/reports", {{"problem", "boredom"}}).code(), "invalid-field");
  EXPECT_EQ(get("/v1/device-log/log/tile/0/000.p/1").status, 403) << "a clinician is no monitor";
  EXPECT_EQ(get("/v1/device-log/log/checkpoint").status, 403);
}

TEST_F(IdentityRoutes, APersonComesFromThePasswordToTheDirectoryAndThePatient) {
  hospital::SoftAuthenticator key;
  sign_in(key);
  EXPECT_EQ(post("/v1/directory/search", {}).code(), "device-needed");
  const auto session = get("/v1/session");
  EXPECT_EQ(names(session.body), (Names{"session", "user", "device", "permissions"}));
  EXPECT_EQ(session.body.at("session").at("stage").as_string(), "signed_in");
  EXPECT_TRUE(session.body.at("device").is_null());

  const hospital::SoftDevice device;
  const std::string before = cookie_;
  const auto registered = register_device(device);
  ASSERT_EQ(registered.status, 200);
  EXPECT_EQ(names(registered.body.at("device")),
            (Names{"device_id", "user_id", "name", "created_at", "last_seen_at", "certificate"}));
  EXPECT_EQ(registered.body.at("certificate_chain").as_array().size(), 2U);
  EXPECT_EQ(binary(registered.body.at("storage_share")).size(), 32U);
  EXPECT_NE(cookie_, before) << "the cookie is rotated";
  const std::string bound = cookie_;
  cookie_ = before;
  EXPECT_EQ(get("/v1/session").code(), "session-ended") << "and the old one is dead";
  cookie_ = bound;
  EXPECT_EQ(get("/v1/session").body.at("session").at("stage").as_string(), "device_bound");
  EXPECT_EQ(get("/v1/devices/storage-share").text("storage_share"), registered.text("storage_share"));

  const auto found = post("/v1/directory/search", {{"query", "cardiology on call"}});
  ASSERT_EQ(found.body.at("people").as_array().size(), 1U);
  const auto& omar = found.body.at("people").at(0);
  EXPECT_EQ(names(omar), (Names{"user_id", "name", "role", "role_title", "service", "location", "on_call",
                                "status", "has_device", "contact"}));
  EXPECT_EQ(omar.at("contact").as_string(), "new");
  EXPECT_EQ(names(omar.at("on_call").at(0)), (Names{"role_id", "name", "until_at"}));
  const std::string omar_id(omar.at("user_id").as_string());
  EXPECT_EQ(post("/v1/contacts/" + omar_id + "/confirm", {}).status, 204);
  EXPECT_EQ(get("/v1/directory/people/" + omar_id).text("contact"), "confirmed");
  EXPECT_EQ(names(get("/v1/on-call").body.at("roles").at(0)),
            (Names{"role_id", "name", "service", "now", "until_at", "next"}));

  EXPECT_EQ(post("/v1/patients/match", {{"mrn", "40012374"}}).code(), "two-identifiers-needed");
  EXPECT_EQ(post("/v1/patients/match", {{"mrn", "40012374"}, {"birth_date", "1972-11-04"}}).code(),
            "patient-not-found");
  const auto match = post("/v1/patients/match", {{"mrn", "40012374"}, {"birth_date", "1972-11-03"}});
  ASSERT_EQ(match.status, 200);
  EXPECT_EQ(names(match.body), (Names{"patient", "matched_on", "match_id"}));
  EXPECT_EQ(names(match.body.at("patient")), (Names{"patient_id", "family_name", "given_name", "birth_date",
                                                    "sex", "mrn", "location", "service", "allergies"}));
  EXPECT_EQ(get("/v1/patients/" + patient_.to_string()).status, 403) << "matching is not caring";
  EXPECT_TRUE(get("/v1/patients").body.at("patients").as_array().empty());
}

TEST_F(IdentityRoutes, TheCookieIsForThisHostAndForNoScript) {
  hospital::SoftAuthenticator key;
  sign_in(key);
  const auto begun =
      post("/v1/sign-in/password", {{"username", "anna.schmidt"}, {"password", hospital::kPassword}});
  EXPECT_EQ(names(begun.body), (Names{"sign_in_id", "next", "factors", "webauthn"}));
  EXPECT_EQ(names(begun.body.at("webauthn")), (Names{"challenge", "rp_id", "credential_ids", "timeout_ms"}));
  const auto answer = key.assert_with(binary(begun.body.at("webauthn").at("challenge")));
  const json::object body{{"sign_in_id", begun.text("sign_in_id")},
                          {"credential_id", to_base64url(key.credential_id)},
                          {"authenticator_data", to_base64url(answer.authenticator_data)},
                          {"client_data_json", to_base64url(answer.client_data_json)},
                          {"signature", to_base64url(answer.signature)}};
  const auto raw =
      Client(server_->port())
          .post("/v1/sign-in/webauthn", json::serialize(body), "Content-Type: application/json\r\n");
  EXPECT_EQ(raw.status, 200) << raw.body;
  const std::string cookie = raw.field("set-cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-wardline-session=")) << cookie.size();
  EXPECT_TRUE(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict")) << cookie.size();
  EXPECT_EQ(post("/v1/sign-in/webauthn", body).code(), "sign-in-expired") << "replayed";
}

TEST_F(IdentityRoutes, WrongCredentialsTellNothingAndGuessingIsSlowed) {
  const auto wrong = post("/v1/sign-in/password", {{"username", "anna.schmidt"}, {"password", "guess"}});
  const auto nobody = post("/v1/sign-in/password", {{"username", "nobody"}, {"password", "guess"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(wrong.text("detail"), nobody.text("detail"));
  for (int i = 0; i < 4; ++i)
    (void)post("/v1/sign-in/password", {{"username", "anna.schmidt"}, {"password", "guess"}});
  const auto locked =
      post("/v1/sign-in/password", {{"username", "anna.schmidt"}, {"password", hospital::kPassword}});
  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(locked.code(), "locked-out");
  EXPECT_GE(locked.body.at("retry_after_seconds").as_int64(), 1);
  EXPECT_EQ(post("/v1/sign-in/password", {{"username", "x"}, {"password", "y"}, {"admin", true}}).status,
            400);
}

TEST_F(IdentityRoutes, ARevokedDevicesCookieIsWorthNothing) {
  hospital::SoftAuthenticator key;
  sign_in(key);
  const hospital::SoftDevice device;
  ASSERT_EQ(register_device(device).status, 200);
  EXPECT_EQ(get("/v1/factors").body.at("factors").as_array().size(), 1U);
  EXPECT_EQ(post("/v1/devices/" + core::new_id<core::DeviceId>().to_string() + "/revoke", {}).status, 404);
  EXPECT_EQ(post("/v1/devices/" + device.id().to_string() + "/revoke", {}).status, 204);
  EXPECT_EQ(get("/v1/session").code(), "session-ended");
  EXPECT_EQ(get("/v1/patients").status, 401);
}

TEST_F(IdentityRoutes, SigningOutTakesTheCookieAway) {
  hospital::SoftAuthenticator key;
  sign_in(key);
  const auto answer =
      Client(server_->port())
          .request("DELETE /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
                   fields() + "\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_NE(answer.field("set-cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(get("/v1/session").code(), "session-ended");
}

}  // namespace
}  // namespace wardline::http
