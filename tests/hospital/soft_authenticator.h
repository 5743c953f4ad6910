// A security key made of software, for tests: it answers registrations and assertions as a browser would hand
// them over, and can be told to misbehave in one way at a time.
#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <cbor.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "lib/crypto/signature.h"
#include "server/identity/webauthn.h"

namespace wardline::hospital {

class SoftAuthenticator {
 public:
  explicit SoftAuthenticator(identity::webauthn::Algorithm algorithm = identity::webauthn::Algorithm::es256)
      : algorithm_(algorithm),
        key_(crypto::SigningKey::generate(algorithm == identity::webauthn::Algorithm::es256
                                              ? crypto::SignatureAlgorithm::ecdsa_p256_sha256
                                              : crypto::SignatureAlgorithm::ed25519)
                 .value()) {}

  // What it says; a test changes one.
  std::string rp_id = "localhost";
  std::string origin = "https://localhost:8443";
  std::uint8_t flags = 0x05;  // user present and verified
  std::uint32_t sign_count = 1;
  std::string format = "none";
  bool cross_origin = false;
  Bytes credential_id = crypto::random_bytes(32);

  identity::webauthn::Registration register_with(ByteView challenge) {
    Bytes data = header(flags | 0x40);
    data.resize(data.size() + 16);  // AAGUID of nobody
    data.push_back(static_cast<std::uint8_t>(credential_id.size() >> 8));
    data.push_back(static_cast<std::uint8_t>(credential_id.size()));
    append(data, credential_id);
    append(data, cose_key());
    const Bytes client_data = client_data_json("webauthn.create", challenge);
    return {attestation_object(data), client_data};
  }

  identity::webauthn::Assertion assert_with(ByteView challenge) {
    identity::webauthn::Assertion answer;
    answer.authenticator_data = header(flags);
    answer.client_data_json = client_data_json("webauthn.get", challenge);
    answer.signature =
        key_.sign(concat(answer.authenticator_data, crypto::sha256(answer.client_data_json))).value();
    if (sign_count != 0) ++sign_count;
    return answer;
  }

  Bytes client_data_json(std::string_view type, ByteView challenge) const {
    const std::string json = R"({"type":")" + std::string(type) + R"(","challenge":")" +
                             to_base64url(challenge) + R"(","origin":")" + origin + R"(","crossOrigin":)" +
                             (cross_origin ? "true" : "false") +
                             R"(,"other_keys_can_be_added_here":"as Chrome does"})";
    return to_bytes(as_bytes(json));
  }

 private:
  struct Release {
    void operator()(cbor_item_t* item) const { cbor_decref(&item); }
  };
  using Item = std::unique_ptr<cbor_item_t, Release>;

  static Bytes encoded(const Item& item) {
    unsigned char* buffer = nullptr;
    std::size_t capacity = 0;
    const std::size_t size = cbor_serialize_alloc(item.get(), &buffer, &capacity);
    Bytes bytes(buffer, buffer + size);
    std::free(buffer);
    return bytes;
  }
  static cbor_item_t* number(int value) {
    return value >= 0 ? cbor_build_uint8(static_cast<std::uint8_t>(value))
                      : cbor_build_negint8(static_cast<std::uint8_t>(-1 - value));
  }
  static void add(const Item& map, cbor_item_t* key, cbor_item_t* value) {
    if (!cbor_map_add(map.get(), {cbor_move(key), cbor_move(value)})) std::abort();
  }

  Bytes header(std::uint8_t with_flags) const {
    Bytes data = crypto::sha256(as_bytes(rp_id));
    data.push_back(with_flags);
    for (int shift = 24; shift >= 0; shift -= 8)
      data.push_back(static_cast<std::uint8_t>(sign_count >> shift));
    return data;
  }

  // RFC 9053 §7: a P-256 point as two coordinates, an Ed25519 key as one.
  Bytes cose_key() const {
    const ByteView raw = key_.public_key();
    const bool es256 = algorithm_ == identity::webauthn::Algorithm::es256;
    const Item map(cbor_new_definite_map(es256 ? 5 : 4));
    add(map, number(1), number(es256 ? 2 : 1));
    add(map, number(3), number(static_cast<int>(algorithm_)));
    add(map, number(-1), number(es256 ? 1 : 6));
    add(map, number(-2), cbor_build_bytestring(raw.data() + (es256 ? 1 : 0), 32));
    if (es256) add(map, number(-3), cbor_build_bytestring(raw.data() + 33, 32));
    return encoded(map);
  }

  Bytes attestation_object(ByteView authenticator_data) const {
    const Item map(cbor_new_definite_map(3));
    add(map, cbor_build_string("fmt"), cbor_build_string(format.c_str()));
    add(map, cbor_build_string("attStmt"), cbor_new_definite_map(0));
    add(map, cbor_build_string("authData"),
        cbor_build_bytestring(authenticator_data.data(), authenticator_data.size()));
    return encoded(map);
  }

  identity::webauthn::Algorithm algorithm_;
  crypto::SigningKey key_;
};

}  // namespace wardline::hospital
