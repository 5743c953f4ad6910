/** Just enough DER to issue certificates in tests, as lib/crypto/x509/issue.cpp does. */
const element = (tag: number, ...parts: Uint8Array[]): Uint8Array => {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  const out = new Uint8Array(1 + length.length + size);
  out.set([tag, ...length]);
  let at = 1 + length.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new TextEncoder().encode(value);
const sequence = (...parts: Uint8Array[]) => element(0x30, ...parts);
const oid = (...content: number[]) => element(0x06, bytes(...content));
const bitString = (unused: number, content: Uint8Array) => element(0x03, bytes(unused), content);

const integer = (number: Uint8Array) => {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start += 1;
  const short = number.subarray(start);
  return (short[0]! & 0x80) === 0 ? element(0x02, short) : element(0x02, bytes(0), short);
};

/** The DER form of r || s. */
export const ecdsaDer = (joined: Uint8Array) =>
  sequence(integer(joined.subarray(0, joined.length / 2)), integer(joined.subarray(joined.length / 2)));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const P256_KEY = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1), oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7));
const name = (common: string) => sequence(element(0x31, sequence(oid(0x55, 4, 3), element(0x0c, text(common)))));
const time = (microseconds: number) => element(0x17, text(`${new Date(microseconds / 1000).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
const extension = (number: number, critical: boolean, value: Uint8Array) =>
  sequence(oid(0x55, 0x1d, number), ...(critical ? [bytes(1, 1, 0xff)] : []), element(0x04, value));

export interface CertificateRequest {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: Uint8Array;
  /** Of the issuer; the same as `publicKey` for an authority. */
  readonly issuerKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Given for a device; an authority has none. */
  readonly uri?: string;
  /** Leaves out what RFC 5280 §4.2.1.1 and §4.2.1.2 demand. */
  readonly withoutKeyIdentifiers?: boolean;
}

export async function issueCertificate(request: CertificateRequest, key: CryptoKey): Promise<Uint8Array> {
  const constraints = request.uri === undefined ? sequence(bytes(1, 1, 0xff)) : sequence();
  const usage = request.uri === undefined ? bitString(1, bytes(0x06)) : bitString(7, bytes(0x80));
  const extensions = [extension(19, true, constraints), extension(15, true, usage)];
  const isNamed = request.withoutKeyIdentifiers !== true;
  if (request.uri === undefined && isNamed) extensions.push(extension(14, false, element(0x04, await keyIdentifier(request.publicKey))));
  if (isNamed) extensions.push(extension(35, false, sequence(element(0x80, await keyIdentifier(request.issuerKey)))));
  if (request.uri !== undefined) extensions.push(extension(17, false, sequence(element(0x86, text(request.uri)))));
  const signed = sequence(
    element(0xa0, integer(bytes(2))),
    integer(crypto.getRandomValues(new Uint8Array(16))),
    ECDSA_WITH_SHA256,
    name(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.subject),
    sequence(P256_KEY, bitString(0, request.publicKey)),
    element(0xa3, sequence(...extensions)),
  );
  const signature = await signP256(key, signed);
  return sequence(signed, ECDSA_WITH_SHA256, bitString(0, signature));
}

/** RFC 7093 §2, method 1. */
const keyIdentifier = async (publicKey: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey as Uint8Array<ArrayBuffer>)).subarray(0, 20);

export async function signP256(key: CryptoKey, data: Uint8Array): Promise<Uint8Array> {
  const joined = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, data as Uint8Array<ArrayBuffer>);
  return ecdsaDer(new Uint8Array(joined));
}
