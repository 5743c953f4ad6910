#include "server/identity/webauthn.h"

#include <memory>
#include <optional>

#include <boost/json.hpp>
#include <cbor.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include "lib/bytes/secret_bytes.h"
#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "server/identity/cbor_bounds.h"

namespace wardline::identity::webauthn {
namespace {

constexpr std::uint8_t kUserPresent = 0x01;
constexpr std::uint8_t kUserVerified = 0x04;
constexpr std::size_t kFlagsOffset = 32;
constexpr std::size_t kHeaderSize = 37;          // rpIdHash, flags, signCount
constexpr std::size_t kCredentialIdMost = 1023;  // §7.1 step 25 (Level 3): longer ones are refused

template <auto Free>
struct FreeTwice {  // libfido2 frees through a pointer to the pointer.
  template <class T>
  void operator()(T* pointer) const {
    Free(&pointer);
  }
};
using FidoCredential = std::unique_ptr<fido_cred_t, FreeTwice<fido_cred_free>>;
using FidoAssertion = std::unique_ptr<fido_assert_t, FreeTwice<fido_assert_free>>;

struct CborRelease {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using CborItem = std::unique_ptr<cbor_item_t, CborRelease>;

void start_libfido2() {
  static const bool started = (fido_init(0), true);
  (void)started;
}

/// §7.1 steps 5–11, §7.2 steps 9–14: type, challenge and origin of the client data.
bool is_client_data_ours(const RelyingParty& party, ByteView challenge, ByteView json,
                         std::string_view type) {
  boost::system::error_code bad;
  const auto value = boost::json::parse(as_text(json), bad);
  if (bad || !value.is_object()) return false;
  const auto& object = value.get_object();
  const auto text = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto* field = object.if_contains(name);
    if (field == nullptr || !field->is_string()) return std::nullopt;
    return std::string_view(field->get_string());
  };
  const auto given = text("challenge");
  const auto decoded = given ? from_base64url(*given) : std::nullopt;
  if (text("type") != type || !decoded || !constant_time_equal(*decoded, challenge)) return false;
  // Our sign-in is never framed by another site.
  const auto* cross = object.if_contains("crossOrigin");
  if (cross != nullptr && (!cross->is_bool() || cross->get_bool())) return false;
  const auto origin = text("origin");
  return origin && std::ranges::find(party.origins, *origin) != party.origins.end();
}

/// §7.1 steps 13–15, §7.2 steps 15–17: for our domain, with the user present and, where we ask for it,
/// verified.
bool is_authenticator_data_ours(const RelyingParty& party, ByteView data) {
  if (data.size() < kHeaderSize) return false;
  const std::uint8_t flags = data[kFlagsOffset];
  if ((flags & kUserPresent) == 0) return false;
  if (party.user_verification == UserVerification::required && (flags & kUserVerified) == 0) return false;
  return equal(data.first(32), crypto::sha256(as_bytes(party.id)));
}

struct AttestationObject {
  std::string format;
  Bytes authenticator_data;
  Bytes statement;  ///< the CBOR map again, as libfido2 takes it
  bool statement_empty = false;
};

std::optional<Bytes> serialised(const cbor_item_t* item) {
  unsigned char* buffer = nullptr;
  std::size_t capacity = 0;
  const std::size_t size = cbor_serialize_alloc(item, &buffer, &capacity);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(buffer, &std::free);
  if (size == 0) return std::nullopt;
  return Bytes(buffer, buffer + size);
}

// libfido2 1.12 has no fido_cred_set_attobj: the object is taken apart here.
std::optional<AttestationObject> split(ByteView attestation_object) {
  if (!is_cbor_bounded(attestation_object)) return std::nullopt;
  cbor_load_result status{};
  const CborItem map(cbor_load(attestation_object.data(), attestation_object.size(), &status));
  if (!map || status.read != attestation_object.size() || !cbor_isa_map(map.get())) return std::nullopt;
  AttestationObject parts;
  bool has_statement = false;
  const cbor_pair* pairs = cbor_map_handle(map.get());
  for (std::size_t i = 0; i < cbor_map_size(map.get()); ++i) {
    const auto& [key, value] = pairs[i];
    if (!cbor_isa_string(key) || !cbor_string_is_definite(key)) return std::nullopt;
    const std::string name(reinterpret_cast<const char*>(cbor_string_handle(key)), cbor_string_length(key));
    if (name == "fmt" && cbor_isa_string(value) && cbor_string_is_definite(value)) {
      parts.format.assign(reinterpret_cast<const char*>(cbor_string_handle(value)),
                          cbor_string_length(value));
    } else if (name == "authData" && cbor_isa_bytestring(value) && cbor_bytestring_is_definite(value)) {
      parts.authenticator_data.assign(cbor_bytestring_handle(value),
                                      cbor_bytestring_handle(value) + cbor_bytestring_length(value));
    } else if (name == "attStmt" && cbor_isa_map(value)) {
      auto statement = serialised(value);
      if (!statement) return std::nullopt;
      parts.statement = std::move(*statement);
      parts.statement_empty = cbor_map_size(value) == 0;
      has_statement = true;
    }
  }
  if (!has_statement || parts.format.empty() || !is_authenticator_data_bounded(parts.authenticator_data))
    return std::nullopt;
  return parts;
}

/// libfido2 parses attested credential data only for an algorithm that it was told beforehand.
FidoCredential parse(const AttestationObject& object, Algorithm algorithm) {
  FidoCredential credential(fido_cred_new());
  const auto& data = object.authenticator_data;
  if (!credential || fido_cred_set_type(credential.get(), static_cast<int>(algorithm)) != FIDO_OK ||
      fido_cred_set_authdata_raw(credential.get(), data.data(), data.size()) != FIDO_OK) {
    return nullptr;
  }
  return credential;
}

/// §7.1 step 19. With no attestation asked for, browsers send "none"; an authenticator may keep its
/// self-attestation.
bool is_statement_acceptable(const RelyingParty& party, const AttestationObject& object,
                             ByteView client_data_json, fido_cred_t* credential) {
  if (object.format == "none") return object.statement_empty;
  if (object.format != "packed") return false;
  const Bytes digest = crypto::sha256(client_data_json);
  return fido_cred_set_rp(credential, party.id.c_str(), party.name.c_str()) == FIDO_OK &&
         fido_cred_set_clientdata_hash(credential, digest.data(), digest.size()) == FIDO_OK &&
         fido_cred_set_fmt(credential, "packed") == FIDO_OK &&
         fido_cred_set_attstmt(credential, object.statement.data(), object.statement.size()) == FIDO_OK &&
         fido_cred_x5c_len(credential) == 0 && fido_cred_verify_self(credential) == FIDO_OK;
}

std::unexpected<core::Error> registration_failed() {
  return core::fail(core::ErrorKind::invalid, "webauthn-failed",
                    "This passkey or security key could not be registered. Start again.");
}

std::unexpected<core::Error> assertion_failed() {
  return core::fail(core::ErrorKind::unauthenticated, "webauthn-failed",
                    "The passkey or security key was not accepted. Start again.");
}

int verify_with(FidoAssertion& assertion, const Credential& credential) {
  const auto& key = credential.public_key;
  switch (credential.algorithm) {
    case Algorithm::es256: {
      const std::unique_ptr<es256_pk_t, FreeTwice<es256_pk_free>> parsed(es256_pk_new());
      if (!parsed || es256_pk_from_ptr(parsed.get(), key.data(), key.size()) != FIDO_OK) break;
      return fido_assert_verify(assertion.get(), 0, COSE_ES256, parsed.get());
    }
    case Algorithm::eddsa: {
      const std::unique_ptr<eddsa_pk_t, FreeTwice<eddsa_pk_free>> parsed(eddsa_pk_new());
      if (!parsed || eddsa_pk_from_ptr(parsed.get(), key.data(), key.size()) != FIDO_OK) break;
      return fido_assert_verify(assertion.get(), 0, COSE_EDDSA, parsed.get());
    }
    case Algorithm::rs256: {
      const std::unique_ptr<rs256_pk_t, FreeTwice<rs256_pk_free>> parsed(rs256_pk_new());
      if (!parsed || rs256_pk_from_ptr(parsed.get(), key.data(), key.size()) != FIDO_OK) break;
      return fido_assert_verify(assertion.get(), 0, COSE_RS256, parsed.get());
    }
  }
  return FIDO_ERR_INVALID_ARGUMENT;
}

}  // namespace

core::Result<Credential> verify_registration(const RelyingParty& party, ByteView challenge,
                                             const Registration& answer) {
  start_libfido2();
  if (!is_client_data_ours(party, challenge, answer.client_data_json, "webauthn.create"))
    return registration_failed();
  const auto object = split(answer.attestation_object);
  if (!object || !is_authenticator_data_ours(party, object->authenticator_data)) return registration_failed();
  for (const Algorithm algorithm : kAlgorithms) {
    const FidoCredential parsed = parse(*object, algorithm);
    if (!parsed) continue;
    if (!is_statement_acceptable(party, *object, answer.client_data_json, parsed.get()))
      return registration_failed();
    Credential credential;
    credential.algorithm = algorithm;
    credential.id = to_bytes({fido_cred_id_ptr(parsed.get()), fido_cred_id_len(parsed.get())});
    credential.public_key =
        to_bytes({fido_cred_pubkey_ptr(parsed.get()), fido_cred_pubkey_len(parsed.get())});
    credential.sign_count = fido_cred_sigcount(parsed.get());
    if (credential.id.empty() || credential.id.size() > kCredentialIdMost) return registration_failed();
    return credential;
  }
  return registration_failed();
}

core::Result<std::uint32_t> verify_assertion(const RelyingParty& party, ByteView challenge,
                                             const Credential& credential, const Assertion& answer) {
  start_libfido2();
  if (!is_client_data_ours(party, challenge, answer.client_data_json, "webauthn.get") ||
      !is_authenticator_data_ours(party, answer.authenticator_data) ||
      !is_authenticator_data_bounded(answer.authenticator_data)) {
    return assertion_failed();
  }
  FidoAssertion assertion(fido_assert_new());
  const Bytes digest = crypto::sha256(answer.client_data_json);
  if (!assertion ||
      fido_assert_set_clientdata_hash(assertion.get(), digest.data(), digest.size()) != FIDO_OK ||
      fido_assert_set_rp(assertion.get(), party.id.c_str()) != FIDO_OK ||
      fido_assert_set_count(assertion.get(), 1) != FIDO_OK ||
      fido_assert_set_authdata_raw(assertion.get(), 0, answer.authenticator_data.data(),
                                   answer.authenticator_data.size()) != FIDO_OK ||
      fido_assert_set_sig(assertion.get(), 0, answer.signature.data(), answer.signature.size()) != FIDO_OK) {
    return assertion_failed();
  }
  // libfido2 wants to know beforehand whether the answer carries the hmac-secret extension (a client that
  // asked for PRF).
  bool verified = verify_with(assertion, credential) == FIDO_OK;
  if (!verified && fido_assert_set_extensions(assertion.get(), FIDO_EXT_HMAC_SECRET) == FIDO_OK) {
    verified = verify_with(assertion, credential) == FIDO_OK;
  }
  if (!verified) return assertion_failed();
  // §7.2 step 21: a counter that does not move forward means that a copy of the key exists.
  const std::uint32_t count = fido_assert_sigcount(assertion.get(), 0);
  if ((count != 0 || credential.sign_count != 0) && count <= credential.sign_count) {
    return core::fail(core::ErrorKind::unauthenticated, "webauthn-cloned",
                      "This security key reports an old counter, as a copy would. Ask your administrator.");
  }
  return count;
}

}  // namespace wardline::identity::webauthn
