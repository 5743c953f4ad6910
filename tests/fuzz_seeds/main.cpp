// Writes seeds for the fuzz targets, DIRECTORY/<target>/*, from messages and files that the product itself
// makes. usage: fuzz-seeds DIRECTORY
#include <random>

#include "lib/auditlog/memory_log_test.h"
#include "lib/auditlog/receipt.h"
#include "lib/content/content.h"
#include "lib/crypto/ecdsa_form.h"
#include "lib/crypto/x509/issue.h"
#include "lib/crypto/x509/pem.h"
#include "lib/merkle/tlog_proof.h"
#include "lib/mls/public/decode.h"
#include "lib/transparency/memory_log_test.h"
#include "server/app/configuration.h"
#include "server/net/impl/websocket_frames.h"
#include "tests/fuzz/mls_world.h"
#include "tests/fuzz/repeatable_random.h"
#include "tests/fuzz_seeds/route_seeds.h"
#include "tests/hospital/soft_authenticator.h"

namespace wardline::fuzz {
namespace {

/// Scripts for the targets that read their input as one.
void add_scripts(Seeds& seeds) {
  std::mt19937 random(1);
  for (const char* target : {"mls_group", "mls_public_group", "wasm_engine", "crypto", "auditlog", "webauthn",
                             "merkle", "transparency", "attachment"}) {
    for (const std::size_t size : {32, 128, 512, 1024}) {
      Bytes script(size);
      for (auto& each : script) each = static_cast<std::uint8_t>(random() % (random() % 2 == 0 ? 256 : 16));
      seeds.add(target, script);
    }
  }
}

void add_mls(Seeds& seeds) {
  std::mt19937 random(2);
  std::map<std::pair<std::uint8_t, std::uint16_t>, int> kinds;
  for (int round = 0; round < 12; ++round) {
    MlsWorld world(round % 2 == 0 ? mls::CipherSuite::x25519_aes128gcm_sha256_ed25519
                                  : mls::CipherSuite::p256_aes128gcm_sha256_p256);
    Bytes script(2000);
    for (auto& each : script) each = static_cast<std::uint8_t>(random());
    Input input((ByteView(script)));
    for (int step = 0; step < 60; ++step) world.step(input);
    for (const Bytes& wire : world.honest()) {
      const auto message = mls::decode_message(wire).value();
      std::uint16_t kind = static_cast<std::uint16_t>(message.wire_format());
      if (const auto* open = message.as<mls::PublicMessage>()) {
        kind = static_cast<std::uint16_t>(16 + static_cast<int>(open->content.content_type()));
        if (const auto* proposal = std::get_if<mls::Proposal>(&open->content.content)) {
          kind = static_cast<std::uint16_t>(32 + static_cast<int>(proposal->type()));
          if (kinds[{5, kind}]++ < 1) seeds.add("mls_wire", 5, tls::encode(*proposal));
        }
        if (const auto* commit = std::get_if<mls::Commit>(&open->content.content);
            commit && kinds[{6, kind}]++ < 2)
          seeds.add("mls_wire", 6, tls::encode(*commit));
        if (kinds[{7, kind}]++ < 1) seeds.add("mls_wire", 7, tls::encode(open->authenticated_content()));
      }
      if (kinds[{0, kind}]++ < 2) seeds.add("mls_wire", 0, wire);
      if (const auto* info = message.as<mls::GroupInfo>(); info && kinds[{3, kind}]++ < 2) {
        const Bytes tree = tls::encode(world.tree());
        const Bytes size{static_cast<std::uint8_t>(tree.size() >> 8), static_cast<std::uint8_t>(tree.size())};
        seeds.add("mls_wire", concat(Bytes{3}, size, tree, tls::encode(*info)));
        seeds.add("mls_wire", 4, tree);
      }
    }
    if (round < 2) {
      for (const auto& [form, state] : world.stored()) seeds.add("mls_sealed", form, state);
    }
  }
}

void add_certificates(Seeds& seeds) {
  const crypto::Validity validity{1'700'000'000'000'000, 1'900'000'000'000'000};
  for (const auto algorithm :
       {crypto::SignatureAlgorithm::ecdsa_p256_sha256, crypto::SignatureAlgorithm::ed25519}) {
    const auto key = crypto::SigningKey::generate(algorithm).value();
    for (const auto role : {crypto::CertificateRole::authority, crypto::CertificateRole::device,
                            crypto::CertificateRole::tls_server}) {
      const auto certificate =
          crypto::issue_self_signed(key, {.role = role,
                                          .common_name = "Ward 3",
                                          .organization = "St. Mary",
                                          .serial = crypto::random_serial(),
                                          .validity = validity,
                                          .uris = {"urn:uuid:018f0000-0000-7000-8000-000000000000"},
                                          .dns_names = {"localhost"},
                                          .ip_addresses = {{127, 0, 0, 1}}})
              .value();
      seeds.add("x509", certificate.der());
      if (role == crypto::CertificateRole::device) seeds.add("x509", crypto::to_pem(certificate));
    }
    seeds.add("x509", crypto::to_pem(key).view());
  }
}

void add_logs(Seeds& seeds) {
  auditlog::MemoryLog log({3, 20});
  seeds.add("merkle", log.checkpoint);
  seeds.add("merkle", log.signer.verifier().to_text());
  seeds.add("merkle", log.signer.to_text().view());
  seeds.add("merkle", "tile/entries/x001/x234/067.p/17");
  seeds.add("merkle", "tile/8/000");
  seeds.add("merkle", log.checkpoint.substr(0, log.checkpoint.find("\n\n") + 1));
  const std::string receipt = auditlog::make_receipt(log, log.trust(), 7).value();
  seeds.add("merkle", receipt.substr(receipt.find("c2sp.org")));
  seeds.add("auditlog", 1, concat(Bytes(8), as_bytes(receipt)));
  Bytes bundle{0, 3};  // The form, and 4 entries.
  append(bundle, log.tile_bytes({.level = {}, .index = 0, .width = 4}));
  seeds.add("merkle", bundle);
}

void add_device_log(Seeds& seeds) {
  transparency::MemoryLog log;
  log.grow(9);
  seeds.add("transparency", log.entries.front());
  auto view = transparency::LogView::create(log.key()).value();
  seeds.add("transparency", 0, view.state());
  if (log.teach(view) && view.prove(log.device(3), 3, log.inclusion(3, 9)))
    seeds.add("transparency", 0, view.state());
}

void add_content(Seeds& seeds) {
  using namespace content;
  const std::string id = "018f0000-0000-7000-8000-000000000000";
  const Attachment file{.id = id, .name = "chest x-ray.png", .type = "image/png", .size = 3};
  for (const Content& message :
       {Content{.text = "Potassium 6.1\n\"now\" \u00e9", .patient_id = id, .reply_to = id, .sent_at = 1},
        Content{.kind = Kind::title, .text = {}, .title = "Bed 12"},
        Content{.text = {}, .attachments = {file}, .device_log = "log.example/devices\n3\nAAAA\n"}}) {
    const Bytes written = encode(message).value();
    seeds.add("content", written);
    seeds.add("content", concat(Bytes{0, 0}, with_size(written), Bytes(8, 1)));
  }
  seeds.add("content", R"({"a":[true,-3,{"b":"\u001f"}],"v":2})");
  seeds.add("content", 1, as_bytes("../lab\u202egnp.exe"));
}

void add_client(Seeds& seeds) {
  seeds.add(
      "client_wire",
      R"({"user_ids":["018f0000-0000-7000-8000-000000000000"],"entries":[{"conversation_id":"018f0000-0000-7000-8000-000000000000","sequence":1,"body":"AAEC","sender":{"user_id":"018f0000-0000-7000-8000-000000000000"}}],"patient_id":null,"after":3,"kind":"group","title":"t","closed":false,"keys":["AAEC"],"words":["x"]})");
  // Text, a fragmented message with a ping in the middle, one with a long length, and a close.
  const Bytes frames{1, 4, 0x81, 2, 'h', 'i', 0x01, 1, 'a', 0x89, 1, 'p', 0x80, 1, 'b', 0x88, 2, 3, 0xe8};
  seeds.add("client_wire", frames);
  seeds.add("client_wire", concat(Bytes{0, 0x81, 126, 0, 130}, Bytes(130, 'x'), Bytes{0x8a, 0}));
}

void add_server(Seeds& seeds) {
  seeds.add(
      "http_request",
      concat(Bytes{2, 9, 30, 0},
             as_bytes("POST /v1/conversations/018f/messages?after=7 HTTP/1.1\r\nHost: localhost\r\nCookie: "
                      "__Host-wardline-session=abc\r\nContent-Length: 5\r\n\r\nhello")));
  seeds.add("http_request", concat(Bytes{0}, as_bytes("GET /v1/users/ab%20c HTTP/1.1\r\nHost: a\r\n\r\n")));
  seeds.add(
      "http_request",
      concat(Bytes{0},
             as_bytes(
                 "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")));
  seeds.add("http_request",
            concat(Bytes{0}, as_bytes("GET /v1/socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: "
                                      "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                                      "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")));
  seeds.add("json", R"({"text":"a","number":3})");
  seeds.add(
      "json",
      R"({"text":"a","note":"","number":-5,"flag":true,"binary":"AAEC","ids":["018f0000-0000-7000-8000-000000000000"],"words":["x","y"],"choice":"two","secret":"s","object":{"name":"n"},"objects":[{"name":"m"}]})");
  seeds.add("json", R"({"a":[1,2.5e3,-0,null,{"b":"\u00e9\ud83d\ude00"}]})");
  // Masked frames: text, a fragmented message with a ping in the middle, and a close.
  const Bytes frames{0, 0, 0x81, 0x82, 1,    2,    3, 4, 'h' ^ 1, 'i' ^ 2, 0x02, 0x81, 0,
                     0, 0, 0,    7,    0x89, 0x81, 0, 0, 0,       0,       'p',  0x80, 0x80,
                     0, 0, 0,    0,    0x88, 0x82, 0, 0, 0,       0,       3,    0xe8};
  seeds.add("websocket", frames);
  seeds.add("websocket", concat(Bytes{0, 1, 0}, as_bytes("content")));
  seeds.add("configuration", app::initial_configuration("St. Mary", "https://localhost:8443", 8443));
  seeds.add("configuration", "https://messages.example.org:8443");
  seeds.add("codec", "00ff");
  seeds.add("codec", "AAEC");
  seeds.add("codec", Bytes{0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 2, 'h', 'i', 5,
                           7, 2, 0, 1, 0, 4, 3, 1, 0, 0, 1, 3, 0,   1,   1});
}

void add_webauthn(Seeds& seeds) {
  hospital::SoftAuthenticator key;
  const Bytes challenge(32, 4);
  const auto registration = key.register_with(challenge);
  seeds.add("webauthn", 2, concat(with_size(registration.client_data_json), registration.attestation_object));
  const auto assertion = key.assert_with(challenge);
  seeds.add("webauthn", 3,
            concat(with_size(assertion.client_data_json), with_size(assertion.signature),
                   assertion.authenticator_data));
}

void add_crypto(Seeds& seeds) {
  const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ecdsa_p256_sha256).value();
  const Bytes signature = key.sign(as_bytes("text")).value();
  seeds.add("crypto", concat(Bytes{2, 0}, signature));
  const Bytes& raw = key.public_key();
  seeds.add("crypto",
            concat(Bytes{1, 1, 0, static_cast<std::uint8_t>(raw.size())}, raw,
                   Bytes{0, static_cast<std::uint8_t>(signature.size())}, signature, as_bytes("text")));
}

}  // namespace
}  // namespace wardline::fuzz

int main(int count, char** arguments) {
  using namespace wardline::fuzz;
  if (count != 2) return 2;
  repeat_random_from(1);
  Seeds seeds(arguments[1]);
  add_scripts(seeds);
  add_certificates(seeds);
  add_logs(seeds);
  add_device_log(seeds);
  add_content(seeds);
  add_client(seeds);
  add_server(seeds);
  add_routes(seeds);
  add_webauthn(seeds);
  add_crypto(seeds);
  repeat_random_from(2);
  add_mls(seeds);
  return 0;
}
