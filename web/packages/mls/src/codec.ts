/** The TLS presentation language (RFC 8446 §3, RFC 9420 §2.1.2) as lib/tls_codec has it: what crosses the module's border. */
export class Writer {
  private buffer = new Uint8Array(256);
  private size = 0;

  uint(value: number | bigint, width: 1 | 2 | 4 | 8): this {
    const at = this.reserve(width);
    const view = new DataView(this.buffer.buffer);
    if (width === 8) view.setBigUint64(at, BigInt(value));
    else if (width === 4) view.setUint32(at, Number(value));
    else if (width === 2) view.setUint16(at, Number(value));
    else view.setUint8(at, Number(value));
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }

  opaque(bytes: Uint8Array): this {
    return this.length(bytes.length).raw(bytes);
  }

  text(value: string): this {
    return this.opaque(new TextEncoder().encode(value));
  }

  optional<T>(value: T | undefined | null, write: (out: Writer, value: T) => unknown): this {
    const present = value !== undefined && value !== null;
    this.uint(present ? 1 : 0, 1);
    if (present) write(this, value);
    return this;
  }

  vector<T>(items: readonly T[], write: (out: Writer, item: T) => unknown): this {
    const inner = new Writer();
    for (const item of items) write(inner, item);
    return this.opaque(inner.take());
  }

  /** What was written; the writer is empty after. Nothing of it stays behind. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.buffer.slice(0, this.size);
    this.buffer.fill(0);
    this.size = 0;
    return taken;
  }

  private length(length: number): this {
    if (length < 0x40) return this.uint(length, 1);
    if (length < 0x4000) return this.uint(length | 0x4000, 2);
    return this.uint((length | 0x80000000) >>> 0, 4);
  }

  private reserve(more: number): number {
    const at = this.size;
    this.size += more;
    if (this.size > this.buffer.length) {
      const old = this.buffer;
      this.buffer = new Uint8Array(Math.max(this.size, 2 * old.length));
      this.buffer.set(old);
      old.fill(0);
    }
    return at;
  }
}

/** Throws a RangeError for what does not decode: the module's answers do, and sealed state was authenticated before. */
export class Reader {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint(width: 1 | 2 | 4): number {
    const at = this.advance(width);
    return width === 4 ? this.view.getUint32(at) : width === 2 ? this.view.getUint16(at) : this.view.getUint8(at);
  }

  /** A 64-bit number that JavaScript can hold exactly. */
  long(): number {
    const value = Number(this.view.getBigUint64(this.advance(8)));
    if (!Number.isSafeInteger(value)) throw new RangeError("a number is too large");
    return value;
  }

  flag(): boolean {
    return this.uint(1) !== 0;
  }

  raw(length: number): Uint8Array<ArrayBuffer> {
    const at = this.advance(length);
    return this.bytes.slice(at, at + length) as Uint8Array<ArrayBuffer>;
  }

  opaque(): Uint8Array<ArrayBuffer> {
    return this.raw(this.length());
  }

  text(): string {
    return new TextDecoder().decode(this.opaque());
  }

  optional<T>(read: (input: Reader) => T): T | null {
    return this.flag() ? read(this) : null;
  }

  vector<T>(read: (input: Reader) => T): T[] {
    const end = this.length() + this.at;
    const items: T[] = [];
    while (this.at < end) items.push(read(this));
    return items;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  private length(): number {
    const prefix = this.view.getUint8(this.at) >> 6;
    if (prefix === 0) return this.uint(1);
    if (prefix === 1) return this.uint(2) & 0x3fff;
    if (prefix === 2) return this.uint(4) & 0x3fffffff;
    throw new RangeError("a length is malformed");
  }

  private advance(count: number): number {
    const at = this.at;
    if (at + count > this.bytes.length) throw new RangeError("the input ends inside a value");
    this.at += count;
    return at;
  }
}
