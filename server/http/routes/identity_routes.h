// Signing in, the session, devices and second factors over HTTP (docs/api.md).
#pragma once

#include "server/http/router.h"
#include "server/http/routes/session_answer.h"

namespace wardline::http {

void add_sign_in_routes(Router& router, const IdentityParts& parts);
void add_session_routes(Router& router, const IdentityParts& parts);
void add_device_routes(Router& router, const IdentityParts& parts);
void add_factor_routes(Router& router, const IdentityParts& parts);
/// What administrators do to the accounts of others.
void add_account_routes(Router& router, const IdentityParts& parts);

/// What a browser needs to register a passkey or security key.
json::object to_json(const identity::WebAuthnOffer& offer, const identity::webauthn::RelyingParty& party);
json::object to_json(const identity::TotpOffer& offer);

/// The body of POST /v1/session/device and POST /v1/devices: the device's answer to a challenge.
identity::KeyProof read_key_proof(class JsonReader& body);

}  // namespace wardline::http
