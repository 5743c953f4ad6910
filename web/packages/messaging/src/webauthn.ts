/** Passkeys: the shapes of docs/api.md to those of navigator.credentials and back. */
import { decodeBase64Url, encodeBase64Url, type WebAuthnAssertion, type WebAuthnAttestation, type WebAuthnCreation, type WebAuthnRequest } from "@wardline/api";

/** The person closed the dialog, it timed out, or the browser has no passkey for this place. */
export class PasskeyCancelled extends Error {
  constructor() {
    super("passkey-cancelled");
    this.name = "PasskeyCancelled";
  }
}

export const passkeysAreAvailable = (): boolean => typeof PublicKeyCredential !== "undefined" && typeof navigator.credentials !== "undefined";

export async function askForPasskey(request: WebAuthnRequest): Promise<WebAuthnAssertion> {
  const credential = await quietly(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: decodeBase64Url(request.challenge),
        rpId: request.rp_id,
        timeout: request.timeout_ms,
        userVerification: "required",
        allowCredentials: request.credential_ids.map((id) => ({ type: "public-key", id: decodeBase64Url(id) })),
      },
    }),
  );
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credential_id: encode(credential.rawId),
    authenticator_data: encode(response.authenticatorData),
    client_data_json: encode(response.clientDataJSON),
    signature: encode(response.signature),
  };
}

export async function createPasskey(creation: WebAuthnCreation, name: string): Promise<WebAuthnAttestation> {
  const credential = await quietly(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: decodeBase64Url(creation.challenge),
        rp: { id: creation.rp_id, name: creation.rp_name },
        user: { id: decodeBase64Url(creation.user_handle), name: creation.user_name, displayName: creation.display_name },
        pubKeyCredParams: creation.algorithms.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        attestation: "none",
        // One authenticator twice would look like two ways in and be one.
        excludeCredentials: (creation.exclude_credential_ids ?? []).map((id) => ({ type: "public-key", id: decodeBase64Url(id) })),
      },
    }),
  );
  const response = credential.response as AuthenticatorAttestationResponse;
  return { attestation_object: encode(response.attestationObject), client_data_json: encode(response.clientDataJSON), name };
}

const encode = (buffer: ArrayBuffer) => encodeBase64Url(new Uint8Array(buffer));

async function quietly(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential === null) throw new PasskeyCancelled();
    return credential as PublicKeyCredential;
  } catch (error) {
    if (error instanceof DOMException || error instanceof PasskeyCancelled) throw new PasskeyCancelled();
    throw error;
  }
}
