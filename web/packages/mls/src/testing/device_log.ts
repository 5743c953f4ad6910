/** A device log for tests: entries, proofs and signed checkpoints by their definitions (RFC 6962 §2.1, C2SP), and nothing of lib/. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";

type Hash = Uint8Array;
const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => Uint8Array.from(parts.flatMap((part) => [...part]));
const text = (value: string) => new TextEncoder().encode(value);
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const ED25519 = Uint8Array.of(1);

export class TestDeviceLog {
  readonly entries: string[];
  private readonly secret: Uint8Array<ArrayBuffer>;
  private readonly name: string;
  private readonly hashes: Hash[];

  constructor(name = "log.example/devices", secret: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(32)), entries: readonly string[] = []) {
    this.name = name;
    this.secret = secret;
    this.entries = [...entries];
    this.hashes = [];
  }

  /** A log under the same key that has only the first `size` entries, and goes on otherwise. */
  fork(size: number): TestDeviceLog {
    const other = new TestDeviceLog(this.name, this.secret, this.entries.slice(0, size));
    other.hashes.push(...this.hashes.slice(0, size));
    return other;
  }

  add(userId: string, deviceId: string, certificate: Uint8Array): void {
    this.entries.push(`{"v":1,"id":"${deviceId}","user":"${userId}","certificate":"${hex(certificate)}"}`);
    this.hashes.push(sha256(certificate));
  }

  /** C2SP signed-note verifier key. */
  get key(): string {
    const typed = join(ED25519, ed25519.getPublicKey(this.secret));
    return `${this.name}+${hex(this.keyId)}+${base64(typed)}`;
  }

  checkpoint(size = this.entries.length): string {
    const body = `${this.name}\n${size}\n${base64(this.root(0, size))}\n`;
    return `${body}\n— ${this.name} ${base64(join(this.keyId, ed25519.sign(text(body), this.secret)))}\n`;
  }

  /** Where the certificate of this hash stands; -1 if it is not logged. */
  find(certificate: Uint8Array): number {
    return this.hashes.findIndex((hash) => hex(hash) === hex(certificate));
  }

  inclusion(index: number, size = this.entries.length): Hash[] {
    return this.path(index, 0, size);
  }

  consistency(from: number, to = this.entries.length): Hash[] {
    return from === 0 || from === to ? [] : this.subproof(0, from, 0, to, true);
  }

  /** That [first, last) is part of the tree of `size`. */
  range(first: number, last: number, size = this.entries.length): Hash[] {
    return this.subproof(first, last, 0, size, true);
  }

  private get keyId(): Uint8Array {
    return sha256(join(text(`${this.name}\n`), ED25519, ed25519.getPublicKey(this.secret))).slice(0, 4);
  }

  private root(start: number, end: number): Hash {
    if (start === end) return sha256(new Uint8Array());
    if (end - start === 1) return sha256(join(Uint8Array.of(0), text(this.entries[start]!)));
    const middle = start + split(end - start);
    return sha256(join(Uint8Array.of(1), this.root(start, middle), this.root(middle, end)));
  }

  private path(index: number, start: number, end: number): Hash[] {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...this.path(index, start, middle), this.root(middle, end)]
      : [...this.path(index, middle, end), this.root(start, middle)];
  }

  private subproof(first: number, last: number, low: number, high: number, known: boolean): Hash[] {
    if (first === low && last === high) return known ? [] : [this.root(low, high)];
    const middle = low + split(high - low);
    if (last <= middle) return [...this.subproof(first, last, low, middle, known), this.root(middle, high)];
    if (first >= middle) return [...this.subproof(first, last, middle, high, known), this.root(low, middle)];
    return [...this.subproof(middle, last, middle, high, false), this.root(low, middle)];
  }
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
