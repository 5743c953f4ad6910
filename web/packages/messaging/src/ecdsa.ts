/** ECDSA P-256 signatures: WebCrypto gives r || s, the wire wants DER (SEC 1 C.8). */

export async function signDer(key: CryptoKey, message: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const raw = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, message));
  return derFromRaw(raw);
}

export function derFromRaw(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const r = derInteger(raw.subarray(0, half));
  const s = derInteger(raw.subarray(half));
  return Uint8Array.of(0x30, r.length + s.length, ...r, ...s);
}

function derInteger(bytes: Uint8Array): number[] {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const digits = [...bytes.subarray(start)];
  // A leading bit of 1 would make it negative.
  if (digits[0]! & 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}
