// ENC-2 on the wire, and what the server says when it cannot start.
#include <filesystem>

#include <gtest/gtest.h>
#include <openssl/provider.h>

#include "server/net/testing/fixture.h"

namespace wardline::net {
namespace {

using testing::Client;
using testing::EchoService;
using testing::RunningServer;
using testing::TestCertificate;

TEST(Tls, Enc2PrefersTls13AndTakesTls12WithForwardSecrecy) {
  RunningServer running;
  Client modern(running.port());
  EXPECT_EQ(modern.version(), "TLSv1.3");
  Client older(running.port(), {.most_version = TLS1_2_VERSION});
  EXPECT_EQ(older.version(), "TLSv1.2");
  EXPECT_TRUE(older.cipher().starts_with("ECDHE-ECDSA-AES")) << older.cipher();
  EXPECT_EQ(older.get("/echo").status, 200);
}

TEST(Tls, Enc2RefusesOldVersionsAndWeakSuites) {
  RunningServer running;
  EXPECT_FALSE(
      Client(running.port(), {.least_version = TLS1_VERSION, .most_version = TLS1_1_VERSION}).secure());
  for (const char* weak : {"ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256",
                           "ECDHE-ECDSA-CHACHA20-POLY1305", "NULL", "aNULL", "DHE-RSA-AES128-GCM-SHA256"})
    EXPECT_FALSE(Client(running.port(), {.most_version = TLS1_2_VERSION, .ciphers = weak}).secure()) << weak;
  EXPECT_TRUE(
      Client(running.port(), {.most_version = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"})
          .secure());
}

TEST(Tls, AgreesOnHttp11AndRefusesAClientThatOffersOtherProtocolsOnly) {
  RunningServer running;
  Client both(running.port(), {.alpn = "\x02h2\x08http/1.1"});
  ASSERT_TRUE(both.secure());
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(both.ssl(), &chosen, &length);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), length), "http/1.1");
  EXPECT_FALSE(Client(running.port(), {.alpn = "\x02h2"}).secure());
  EXPECT_EQ(Client(running.port(), {.alpn = ""}).get("/echo").status, 200);
}

TEST(Tls, ResumesASessionByTicket) {
  RunningServer running;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client first(running.port(), {.least_version = version, .most_version = version});
    EXPECT_EQ(first.get("/echo").status, 200);
    SSL_SESSION* session = SSL_get1_session(first.ssl());
    Client second(running.port(), {.least_version = version, .most_version = version, .session = session});
    EXPECT_EQ(second.get("/echo").status, 200);
    EXPECT_TRUE(SSL_session_reused(second.ssl()));
    SSL_SESSION_free(session);
  }
}

TEST(Tls, PlainHttpOnTheTlsPortIsDropped) {
  RunningServer running;
  Client client(running.port(), {.tls = false});
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_TRUE(testing::eventually([&] { return running.server->counts().handshakes_failed == 1; }));
}

TEST(Tls, ANewCertificateServesNewConnectionsAndABadOneChangesNothing) {
  RunningServer running;
  const auto serial = [&](Client& client) {
    X509* certificate = SSL_get1_peer_certificate(client.ssl());
    const auto hash = X509_subject_name_hash(certificate);
    std::string key(64, '\0');
    unsigned length = 0;
    X509_pubkey_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(key.data()), &length);
    X509_free(certificate);
    return std::to_string(hash) + key;
  };
  Client before(running.port());
  const TestCertificate other;
  std::filesystem::copy_file(other.certificate_path(), running.certificate.certificate_path(),
                             std::filesystem::copy_options::overwrite_existing);
  const auto half = running.server->reload_certificate();
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().code, "tls-mismatch");
  Client between(running.port());
  EXPECT_EQ(serial(between), serial(before));

  std::filesystem::copy_file(other.key_path(), running.certificate.key_path(),
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(running.server->reload_certificate());
  Client after(running.port());
  EXPECT_NE(serial(after), serial(before));
  EXPECT_EQ(before.get("/echo").status, 200);
}

core::Error refusal(const ServerSettings& settings) {
  EchoService service;
  auto server = Server::create(settings, service);
  return server ? core::Error{} : server.error();
}

TEST(Start, RefusesACertificateThatDoesNotBelongToTheKey) {
  const TestCertificate a;
  const TestCertificate b;
  const auto error = refusal({.address = "127.0.0.1",
                              .port = 0,
                              .tls = TlsFiles{.certificate = a.certificate_path(), .key = b.key_path()}});
  EXPECT_EQ(error.code, "tls-mismatch");
  EXPECT_NE(error.detail.find("does not belong to the certificate"), std::string::npos) << error.detail;
}

TEST(Start, SaysWhichFileCannotBeUsed) {
  const TestCertificate good;
  const auto with = [&](std::string certificate, std::string key) {
    return refusal(
               {.address = "127.0.0.1", .port = 0, .tls = TlsFiles{.certificate = certificate, .key = key}})
        .detail;
  };
  EXPECT_NE(with("/nowhere.pem", good.key_path())
                .find("Cannot read the TLS certificate /nowhere.pem: No such file"),
            std::string::npos);
  EXPECT_NE(with(good.certificate_path(), "/nowhere.key")
                .find("Cannot read the TLS key /nowhere.key: No such file"),
            std::string::npos);
  EXPECT_NE(with(good.key_path(), good.key_path()).find("holds no PEM certificate"), std::string::npos);
  const std::string public_part = good.key_path() + ".public";
  std::filesystem::copy_file(good.certificate_path(), public_part);
  std::filesystem::permissions(public_part, std::filesystem::perms::owner_read);
  EXPECT_NE(with(good.certificate_path(), public_part).find("holds no PEM private key"), std::string::npos);
  std::filesystem::permissions(good.key_path(), std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_NE(with(good.certificate_path(), good.key_path()).find("chmod 600"), std::string::npos);
}

TEST(Start, RefusesAnAddressInUseEvenByAnotherWardlined) {
  RunningServer running;
  const auto error =
      refusal({.address = "127.0.0.1", .port = running.port(), .tls = running.certificate.files()});
  EXPECT_EQ(error.code, "address-in-use");
  EXPECT_NE(error.detail.find("127.0.0.1:" + std::to_string(running.port()) + " is in use"),
            std::string::npos);
}

TEST(Start, RefusesNonsenseAddresses) {
  const TestCertificate certificate;
  EXPECT_EQ(refusal({.address = "hospital.example", .tls = certificate.files()}).code, "address");
  EXPECT_EQ(refusal({.address = "203.0.113.7", .tls = certificate.files()}).code, "address");
}

TEST(Start, Enc2PlainHttpIsForLoopbackOnly) {
  EXPECT_EQ(refusal({.address = "0.0.0.0", .port = 0, .tls = std::nullopt}).code, "plain-listener");
  EchoService service;
  auto server =
      Server::create({.address = "127.0.0.1", .port = 0, .threads = 1, .tls = std::nullopt}, service);
  ASSERT_TRUE(server);
  (*server)->start();
  Client client((*server)->port(), {.tls = false});
  EXPECT_EQ(client.post("/echo", "plain").body, "plain");
}

TEST(Start, Enc5AFipsProviderThatIsAskedForAndAbsentFailsClosed) {
  TestCertificate certificate;
  auto files = certificate.files();
  files.fips = true;
  if (OSSL_PROVIDER_available(nullptr, "fips")) GTEST_SKIP() << "this machine has a FIPS provider";
  EXPECT_EQ(refusal({.address = "127.0.0.1", .port = 0, .tls = files}).code, "tls-provider");
}

}  // namespace
}  // namespace wardline::net
