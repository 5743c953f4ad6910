// Verifying passkeys and security keys: W3C Web Authentication Level 2, §7.1 (registration) and §7.2
// (assertion). Pure: the caller keeps challenges and credentials.
#pragma once

#include <string>
#include <vector>

#include "lib/bytes/bytes.h"
#include "server/core/error.h"

namespace wardline::identity::webauthn {

/// COSE algorithm numbers (RFC 9053), best first: what registration offers and the only ones accepted.
enum class Algorithm : std::int32_t { es256 = -7, eddsa = -8, rs256 = -257 };
inline constexpr Algorithm kAlgorithms[] = {Algorithm::es256, Algorithm::eddsa, Algorithm::rs256};

enum class UserVerification : std::uint8_t { preferred, required };

/// Us, as browsers know us.
struct RelyingParty {
  std::string id;                    ///< host name without port: "messages.example.org"
  std::string name;                  ///< for people
  std::vector<std::string> origins;  ///< exactly as browsers write them: "https://messages.example.org:8443"
  UserVerification user_verification = UserVerification::preferred;
};

struct Credential {
  Bytes id;
  Algorithm algorithm = Algorithm::es256;
  Bytes public_key;  ///< as libfido2 keeps it: x || y, the Ed25519 key, or n || e
  std::uint32_t sign_count = 0;
};

struct Registration {
  Bytes attestation_object;
  Bytes client_data_json;
};

struct Assertion {
  Bytes authenticator_data;
  Bytes client_data_json;
  Bytes signature;
};

/// The credential to store. Attestation is not asked for: "none" and self-attestation pass, statements that
/// name a manufacturer are not evaluated and refused. Errors: `invalid` "webauthn-failed".
core::Result<Credential> verify_registration(const RelyingParty& party, ByteView challenge,
                                             const Registration& answer);

/// The new sign count to store. Errors: `unauthenticated` "webauthn-failed", or "webauthn-cloned" when the
/// counter went back: two copies of the key are in use.
core::Result<std::uint32_t> verify_assertion(const RelyingParty& party, ByteView challenge,
                                             const Credential& credential, const Assertion& answer);

}  // namespace wardline::identity::webauthn
