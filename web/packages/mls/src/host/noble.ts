/** The primitives in JavaScript, by the audited noble packages: for hashing, which must not wait, and where WebCrypto cannot serve. */
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { ed448, x448 } from "@noble/curves/ed448.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { Aead, Kem, Signature } from "./algorithms.ts";

const HASHES = [sha256, sha384, sha512] as const;
const hashOf = (algorithm: number) => HASHES[algorithm] ?? sha256;

export const hashBytes = (algorithm: number, data: Uint8Array) => hashOf(algorithm)(data);
export const hmacBytes = (algorithm: number, key: Uint8Array, data: Uint8Array) => hmac(hashOf(algorithm), key, data);

const cipher = (algorithm: number, key: Uint8Array, nonce: Uint8Array, ad: Uint8Array) =>
  algorithm === Aead.chacha20Poly1305 ? chacha20poly1305(key, nonce, ad) : gcm(key, nonce, ad);

export const seal = (algorithm: number, key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, data: Uint8Array) =>
  cipher(algorithm, key, nonce, ad).encrypt(data);

/** null if it does not open. */
export const open = (algorithm: number, key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, data: Uint8Array) =>
  orNull(() => cipher(algorithm, key, nonce, ad).decrypt(data));

const WEIERSTRASS = { [Kem.p256]: p256, [Kem.p384]: p384, [Kem.p521]: p521 } as Record<number, typeof p256 | undefined>;
const MONTGOMERY = { [Kem.x25519]: x25519, [Kem.x448]: x448 } as Record<number, typeof x25519 | undefined>;

/** null for a private key that is none. */
export const dhPublicKey = (kem: number, privateKey: Uint8Array) =>
  orNull(() => WEIERSTRASS[kem]?.getPublicKey(privateKey, false) ?? MONTGOMERY[kem]?.getPublicKey(privateKey) ?? null);

/** RFC 9180 §7.1.4: for a Weierstrass curve, an uncompressed point that lies on it. */
export const dhIsValid = (kem: number, publicKey: Uint8Array) => {
  const curve = WEIERSTRASS[kem];
  return curve === undefined || curve.utils.isValidPublicKey(publicKey, false);
};

/** null for a public key that is not valid, and for an all-zero result. */
export const dhAgree = (kem: number, privateKey: Uint8Array, peer: Uint8Array) =>
  orNull(() => {
    const curve = WEIERSTRASS[kem];
    if (curve === undefined) return MONTGOMERY[kem]?.getSharedSecret(privateKey, peer) ?? null;
    // x || y behind a prefix: the secret is x.
    return dhIsValid(kem, peer) ? curve.getSharedSecret(privateKey, peer, false).slice(1, 1 + privateKey.length) : null;
  });

const ECDSA = [p256, p384, p521] as const;
const EDDSA = { [Signature.ed25519]: ed25519, [Signature.ed448]: ed448 } as Record<number, typeof ed25519 | undefined>;
// Signatures of others have either s; RFC 9420 does not ask for the lower one.
const ANY_S = { lowS: false, prehash: true, format: "compact" } as const;

export const signaturePublicKey = (algorithm: number, privateKey: Uint8Array) =>
  orNull(() => ECDSA[algorithm]?.getPublicKey(privateKey, false) ?? EDDSA[algorithm]?.getPublicKey(privateKey) ?? null);

export const signatureIsValid = (algorithm: number, publicKey: Uint8Array) =>
  ECDSA[algorithm]?.utils.isValidPublicKey(publicKey, false) ?? EDDSA[algorithm]?.utils.isValidPublicKey(publicKey) ?? false;

export const sign = (algorithm: number, privateKey: Uint8Array, data: Uint8Array) =>
  orNull(() => ECDSA[algorithm]?.sign(data, privateKey, ANY_S) ?? EDDSA[algorithm]?.sign(data, privateKey) ?? null);

export const verify = (algorithm: number, publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean =>
  orNull(
    () =>
      ECDSA[algorithm]?.verify(signature, data, publicKey, ANY_S) ??
      // RFC 8032 §5.1.7 as OpenSSL has it, without the cofactor.
      EDDSA[algorithm]?.verify(signature, data, publicKey, { zip215: false }) ??
      null,
  ) ?? false;

/** noble throws for what is malformed: to MLS that is one more way of not fitting. */
function orNull<T>(compute: () => T | null): T | null {
  try {
    return compute();
  } catch {
    return null;
  }
}
