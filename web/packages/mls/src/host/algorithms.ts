/** The numbers of lib/crypto/suite.h and the sizes that go with them, in bytes. */
export const Hash = { sha256: 0, sha384: 1, sha512: 2 } as const;
export const HASH_SIZES = [32, 48, 64] as const;

export const Aead = { aes128Gcm: 1, aes256Gcm: 2, chacha20Poly1305: 3 } as const;
export const aeadKeySize = (algorithm: number) => (algorithm === Aead.aes128Gcm ? 16 : 32);
export const NONCE_SIZE = 12;
export const TAG_SIZE = 16;

export const Kem = { p256: 0x10, p384: 0x11, p521: 0x12, x25519: 0x20, x448: 0x21 } as const;
export const Signature = { p256: 0, p384: 1, p521: 2, ed25519: 3, ed448: 4 } as const;

interface Sizes {
  readonly privateKey: number;
  readonly publicKey: number;
  /** The shared secret of a KEM; of a signature, with r || s for ECDSA. */
  readonly output: number;
}

export const kemSizes = (kem: number): Sizes => need(KEM_SIZES[kem]);
export const signatureSizes = (algorithm: number): Sizes => need(SIGNATURE_SIZES[algorithm]);

const KEM_SIZES: Record<number, Sizes> = {
  [Kem.p256]: { privateKey: 32, publicKey: 65, output: 32 },
  [Kem.p384]: { privateKey: 48, publicKey: 97, output: 48 },
  [Kem.p521]: { privateKey: 66, publicKey: 133, output: 66 },
  [Kem.x25519]: { privateKey: 32, publicKey: 32, output: 32 },
  [Kem.x448]: { privateKey: 56, publicKey: 56, output: 56 },
};

const SIGNATURE_SIZES: Record<number, Sizes> = {
  [Signature.p256]: { privateKey: 32, publicKey: 65, output: 64 },
  [Signature.p384]: { privateKey: 48, publicKey: 97, output: 96 },
  [Signature.p521]: { privateKey: 66, publicKey: 133, output: 132 },
  [Signature.ed25519]: { privateKey: 32, publicKey: 32, output: 64 },
  [Signature.ed448]: { privateKey: 57, publicKey: 57, output: 114 },
};

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("an algorithm that the module does not have");
  return value;
}
