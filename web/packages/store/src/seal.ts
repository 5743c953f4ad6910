/**
 * The key that opens this device's store, and how a record is sealed under it.
 *
 * The key is HKDF-SHA-256 over two halves: a local key that never leaves WebCrypto (it keys the extract step, so its bytes are
 * nowhere in JavaScript) and the server's share, released to an unrevoked device for one session. Without either half the
 * stored bytes stay shut: a stolen device needs the server, and the server needs the device (DESIGN §3, DEV-2).
 */

const NONCE_BYTES = 12;
const encoder = new TextEncoder();

/** Made once per device and user, kept in IndexedDB as a handle. */
export function createLocalKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}

/** HKDF (RFC 5869): extract with the local key as salt and the share as input, expand per purpose. */
export async function deriveStoreKey(localKey: CryptoKey, storageShare: Uint8Array<ArrayBuffer>, purpose: string): Promise<CryptoKey> {
  if (storageShare.length < 16) throw new RangeError("the storage share is too short");
  const pseudorandom = new Uint8Array(await crypto.subtle.sign("HMAC", localKey, storageShare));
  // WebCrypto's HKDF extracts once more, with an empty salt: a second extract over a uniform key changes nothing.
  const material = await crypto.subtle.importKey("raw", pseudorandom, "HKDF", false, ["deriveKey"]);
  pseudorandom.fill(0);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(`wardline store v1 ${purpose}`) },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

/** Thrown when a record does not open: another key, another place, or altered bytes. */
export class UnsealError extends Error {
  constructor() {
    super("a stored record does not open");
    this.name = "UnsealError";
  }
}

export class Sealer {
  private readonly key: CryptoKey;

  constructor(key: CryptoKey) {
    this.key = key;
  }

  /** nonce || ciphertext || tag. `context` is bound, so that a record moved elsewhere does not open. */
  async seal(plaintext: Uint8Array, context: string): Promise<Uint8Array<ArrayBuffer>> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const ciphertext = await crypto.subtle.encrypt(parameters(nonce, context), this.key, plaintext as Uint8Array<ArrayBuffer>);
    const sealed = new Uint8Array(NONCE_BYTES + ciphertext.byteLength);
    sealed.set(nonce);
    sealed.set(new Uint8Array(ciphertext), NONCE_BYTES);
    return sealed;
  }

  async open(sealed: Uint8Array, context: string): Promise<Uint8Array<ArrayBuffer>> {
    const nonce = new Uint8Array(sealed.subarray(0, NONCE_BYTES));
    const ciphertext = new Uint8Array(sealed.subarray(NONCE_BYTES));
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, context), this.key, ciphertext));
    } catch {
      throw new UnsealError();
    }
  }
}

const parameters = (nonce: Uint8Array<ArrayBuffer>, context: string): AesGcmParams => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: encoder.encode(context),
  tagLength: 128,
});
