/**
 * What the module imports (lib/crypto/host/imports.h): reads inputs off its memory, computes, writes the result back.
 *
 * Each primitive is a `Work`: how to compute it here and now, and, where WebCrypto is better or alone can do it, how to compute it
 * with waiting. Which of the two is used, and how the module is made to wait, is the runner's business (runner.ts).
 */
import { NONCE_SIZE, aeadKeySize, kemSizes, signatureSizes } from "./algorithms.ts";
import * as noble from "./noble.ts";
import * as web from "./webcrypto.ts";

/** Bytes to be written, true or false, or null for "does not work". */
export type Result = Uint8Array | boolean | null;

export interface Work {
  readonly now: (() => Result) | null;
  readonly later: (() => Promise<Result> | undefined) | null;
}

/** Does the work and gives 1 for success: at once, or as a promise that the module waits for. */
export type Perform = (work: Work, finish: (result: Result) => number) => number | Promise<number>;

export interface DeviceKey {
  readonly algorithm: number;
  readonly key: CryptoKey;
}

type Call = (...numbers: number[]) => number | Promise<number>;

export function makeImports(memory: () => WebAssembly.Memory, device: DeviceKey | null, perform: Perform) {
  // Copies: the module's memory may grow, and what WebCrypto reads must stay as it was.
  const bytes = (at: number, size: number) => new Uint8Array(memory().buffer, at >>> 0, size).slice();
  const into = (at: number) => (result: Result) => {
    if (result === null || result === false) return 0;
    if (result !== true) new Uint8Array(memory().buffer).set(result, at >>> 0);
    return 1;
  };
  const now = (compute: () => Result): Work => ({ now: compute, later: null });

  const aead = (kind: "seal" | "open"): Call =>
    (algorithm, keyAt, nonceAt, adAt, adSize, at, size, out) => {
      const key = bytes(keyAt!, aeadKeySize(algorithm!));
      const nonce = bytes(nonceAt!, NONCE_SIZE);
      const ad = bytes(adAt!, adSize!);
      const data = bytes(at!, size!);
      const work = {
        now: () => noble[kind](algorithm!, key, nonce, ad, data),
        later: () => web[kind](algorithm!, key, nonce, ad, data),
      };
      return perform(work, into(out!));
    };

  const calls: Record<string, Call> = {
    random: (out, size) => perform(now(() => randomBytes(size!)), into(out!)),
    hash: (algorithm, at, size, out) => into(out!)(noble.hashBytes(algorithm!, bytes(at!, size!))),
    hmac: (algorithm, keyAt, keySize, at, size, out) =>
      into(out!)(noble.hmacBytes(algorithm!, bytes(keyAt!, keySize!), bytes(at!, size!))),
    aead_seal: aead("seal"),
    aead_open: aead("open"),
    dh_public_key: (kem, at, out) => perform(now(() => noble.dhPublicKey(kem!, bytes(at!, kemSizes(kem!).privateKey))), into(out!)),
    dh_is_valid: (kem, at) => perform(now(() => noble.dhIsValid(kem!, bytes(at!, kemSizes(kem!).publicKey))), into(0)),
    dh_agree: (kem, privateAt, publicAt, peerAt, out) => {
      const sizes = kemSizes(kem!);
      const privateKey = bytes(privateAt!, sizes.privateKey);
      const peer = bytes(peerAt!, sizes.publicKey);
      const own = bytes(publicAt!, sizes.publicKey);
      const work = {
        now: () => noble.dhAgree(kem!, privateKey, peer),
        later: () => web.dhAgree(kem!, privateKey, own, peer),
      };
      return perform(work, into(out!));
    },
    signature_public_key: (algorithm, at, out) =>
      perform(now(() => noble.signaturePublicKey(algorithm!, bytes(at!, signatureSizes(algorithm!).privateKey))), into(out!)),
    signature_is_valid: (algorithm, at) =>
      perform(now(() => noble.signatureIsValid(algorithm!, bytes(at!, signatureSizes(algorithm!).publicKey))), into(0)),
    sign: (algorithm, keyAt, at, size, out) =>
      perform(now(() => noble.sign(algorithm!, bytes(keyAt!, signatureSizes(algorithm!).privateKey), bytes(at!, size!))), into(out!)),
    verify: (algorithm, keyAt, at, size, signatureAt) => {
      const sizes = signatureSizes(algorithm!);
      const key = bytes(keyAt!, sizes.publicKey);
      const data = bytes(at!, size!);
      const signature = bytes(signatureAt!, sizes.output);
      const work = {
        now: () => noble.verify(algorithm!, key, data, signature),
        later: () => web.verify(algorithm!, key, data, signature),
      };
      return perform(work, into(0));
    },
    device_sign: (at, size, out) => {
      const data = bytes(at!, size!);
      const later = () => (device === null ? Promise.resolve(null) : web.deviceSign(device.algorithm, device.key, data));
      return perform({ now: null, later }, into(out!));
    },
  };
  return calls;
}

/** The imports that may wait. */
export const WAITING = ["aead_seal", "aead_open", "dh_agree", "verify", "device_sign"] as const;

/** getRandomValues gives at most 65,536 bytes at a time; the module never asks for more. */
const randomBytes = (size: number) => crypto.getRandomValues(new Uint8Array(size));

/** wasi-libc's way out for a message before it aborts. There is nowhere to write to. */
export const wasi = {
  fd_close: () => 8,
  fd_seek: () => 8,
  fd_write: () => 8,
  proc_exit: (): never => {
    throw new WebAssembly.RuntimeError("the module has ended itself");
  },
};
