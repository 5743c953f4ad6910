/** The primitives that WebCrypto does faster than JavaScript. Each answers undefined for an algorithm that is better left to it. */
import { Aead, Kem, NONCE_SIZE, Signature, TAG_SIZE } from "./algorithms.ts";

type Source = Uint8Array<ArrayBuffer>;
const CURVES: Record<number, { name: string; field: number } | undefined> = {
  [Kem.p256]: { name: "P-256", field: 32 },
  [Kem.p384]: { name: "P-384", field: 48 },
};
const ECDSA = [
  { curve: "P-256", hash: "SHA-256" },
  { curve: "P-384", hash: "SHA-384" },
] as const;

/** Below this, the way to WebCrypto and back costs more than the encryption. */
const WORTH_THE_WAY = 4096;

const isAes = (algorithm: number) => algorithm !== Aead.chacha20Poly1305;
const parameters = (nonce: Source, ad: Source) => ({ name: "AES-GCM", iv: nonce, additionalData: ad, tagLength: 8 * TAG_SIZE });

export function seal(algorithm: number, key: Source, nonce: Source, ad: Source, data: Source): Promise<Uint8Array> | undefined {
  if (!isAes(algorithm) || data.length < WORTH_THE_WAY || nonce.length !== NONCE_SIZE) return undefined;
  return crypto.subtle
    .importKey("raw", key, "AES-GCM", false, ["encrypt"])
    .then((imported) => crypto.subtle.encrypt(parameters(nonce, ad), imported, data))
    .then((sealed) => new Uint8Array(sealed));
}

/** null if it does not open. */
export function open(algorithm: number, key: Source, nonce: Source, ad: Source, data: Source): Promise<Uint8Array | null> | undefined {
  if (!isAes(algorithm) || data.length < WORTH_THE_WAY) return undefined;
  return crypto.subtle
    .importKey("raw", key, "AES-GCM", false, ["decrypt"])
    .then((imported) => crypto.subtle.decrypt(parameters(nonce, ad), imported, data))
    .then((opened) => new Uint8Array(opened), () => null);
}

/** null for a public key that is not on the curve. */
export function dhAgree(kem: number, privateKey: Source, publicKey: Source, peer: Source): Promise<Uint8Array | null> | undefined {
  const curve = CURVES[kem];
  if (curve === undefined) return undefined;
  const algorithm = { name: "ECDH", namedCurve: curve.name };
  const jwk: JsonWebKey = {
    kty: "EC",
    crv: curve.name,
    x: base64url(publicKey.subarray(1, 1 + curve.field)),
    y: base64url(publicKey.subarray(1 + curve.field)),
    d: base64url(privateKey),
  };
  return Promise.all([
    crypto.subtle.importKey("jwk", jwk, algorithm, false, ["deriveBits"]),
    crypto.subtle.importKey("raw", peer, algorithm, false, []),
  ])
    .then(([own, other]) => crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 8 * curve.field))
    .then((bits) => new Uint8Array(bits), () => null);
}

/** The keys of the members of open conversations, imported once. */
const verificationKeys = new Map<string, Promise<CryptoKey>>();
const MOST_KEYS = 4096;

function verificationKey(curve: string, publicKey: Source): Promise<CryptoKey> {
  const name = base64url(publicKey);
  const known = verificationKeys.get(name);
  if (known !== undefined) return known;
  if (verificationKeys.size >= MOST_KEYS) verificationKeys.clear();
  const imported = crypto.subtle.importKey("raw", publicKey, { name: "ECDSA", namedCurve: curve }, false, ["verify"]);
  verificationKeys.set(name, imported);
  return imported;
}

export function verify(algorithm: number, publicKey: Source, data: Source, signature: Source): Promise<boolean> | undefined {
  const scheme = ECDSA[algorithm];
  if (scheme === undefined) return undefined;
  return verificationKey(scheme.curve, publicKey)
    .then((key) => crypto.subtle.verify({ name: "ECDSA", hash: scheme.hash }, key, signature, data))
    .catch(() => false);
}

/** Signs with the device's key, which nobody can read. r || s. */
export async function deviceSign(algorithm: number, key: CryptoKey, data: Source): Promise<Uint8Array | null> {
  const scheme = ECDSA[algorithm];
  if (scheme === undefined) return null;
  return new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: scheme.hash }, key, data));
}

/** The signature scheme of a key pair, and its public key as in RFC 9420 §5.1.1. */
export async function describeKey(pair: CryptoKeyPair): Promise<{ algorithm: number; publicKey: Uint8Array }> {
  const { namedCurve } = pair.publicKey.algorithm as EcKeyAlgorithm;
  const algorithm = namedCurve === "P-384" ? Signature.p384 : Signature.p256;
  return { algorithm, publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
