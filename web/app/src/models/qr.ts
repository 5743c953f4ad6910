/** A text as a QR code (ISO/IEC 18004): byte mode, error correction M, versions 1 to 9. For keys that a telephone takes from a screen. */

/** Dark where true; a square of rows. */
export type Modules = readonly (readonly boolean[])[];

/** By version: error correction bytes of each block, and data bytes of each block (table 9, level M). */
const BLOCKS: readonly (readonly [correction: number, data: readonly number[]])[] = [
  [10, [16]], [16, [28]], [26, [44]], [18, [32, 32]], [24, [43, 43]], [16, [27, 27, 27, 27]], [18, [31, 31, 31, 31]], [22, [38, 38, 39, 39]], [22, [36, 36, 36, 37, 37]],
];
/** By version: rows and columns whose crossings carry an alignment pattern (annex E). */
const ALIGNMENT: readonly (readonly number[])[] = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46]];

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Null where the text is too long. */
export function qrCode(text: string): Modules | null {
  const bytes = new TextEncoder().encode(text);
  // Four bits of mode and eight of length come first.
  const version = 1 + BLOCKS.findIndex(([, data]) => sum(data) >= bytes.length + 2);
  if (version === 0) return null;
  const bits = interleaved(version, dataBytes(bytes, sum(BLOCKS[version - 1]![1]))).flatMap((byte) => bitsOf(byte, 8));
  const candidates = MASKS.map((mask, number) => {
    const grid = new Grid(version);
    grid.fill(bits, mask);
    grid.format(number);
    return grid.modules;
  });
  return candidates.reduce((best, candidate) => (unevenness(candidate) < unevenness(best) ? candidate : best));
}

/** The highest bit first. */
const bitsOf = (value: number, count: number): boolean[] => Array.from({ length: count }, (_, index) => ((value >>> (count - 1 - index)) & 1) === 1);

function dataBytes(text: Uint8Array, capacity: number): number[] {
  const bits = [...bitsOf(0b0100, 4), ...bitsOf(text.length, 8), ...[...text].flatMap((byte) => bitsOf(byte, 8)), ...bitsOf(0, 4)];
  const bytes = Array.from({ length: bits.length / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((value, bit) => value * 2 + Number(bit), 0));
  while (bytes.length < capacity) bytes.push((bytes.length - text.length) % 2 === 0 ? 0xec : 0x11);
  return bytes;
}

/** Each block with its error correction, and then all blocks byte by byte in turn (clause 7.6). */
function interleaved(version: number, data: readonly number[]): number[] {
  const [count, sizes] = BLOCKS[version - 1]!;
  let from = 0;
  const blocks = sizes.map((size) => data.slice(from, (from += size)));
  const corrections = blocks.map((block) => correction(block, count));
  const inTurn = (parts: readonly (readonly number[])[]) => Array.from({ length: Math.max(...parts.map((part) => part.length)) }, (_, at) => parts.flatMap((part) => part[at] ?? [])).flat();
  return [...inTurn(blocks), ...inTurn(corrections)];
}

/** In the field of 256 elements that x^8 + x^4 + x^3 + x^2 + 1 makes. */
function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) product = (product << 1) ^ (product >>> 7 === 1 ? 0x11d : 0) ^ ((right >>> bit) & 1 ? left : 0);
  return product;
}

/** The remainder by the Reed–Solomon generator of this degree. */
function correction(data: readonly number[], degree: number): number[] {
  let generator = [1];
  for (let root = 1, step = 0; step < degree; step += 1, root = times(root, 2)) {
    generator = [...generator, 0].map((value, at) => value ^ times(generator[at - 1] ?? 0, root));
  }
  const remainder = Array<number>(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ remainder.shift()!;
    remainder.push(0);
    remainder.forEach((value, at) => (remainder[at] = value ^ times(generator[at + 1]!, factor)));
  }
  return remainder;
}

/** The value with its remainder behind it, as format and version are protected. */
function protectedBy(value: number, generator: number, degree: number): number {
  let remainder = value;
  for (let step = 0; step < degree; step += 1) remainder = (remainder << 1) ^ ((remainder >>> (degree - 1)) & 1 ? generator : 0);
  return (value << degree) | remainder;
}

class Grid {
  readonly modules: boolean[][];
  private readonly size: number;
  private readonly fixed: boolean[][];

  constructor(version: number) {
    this.size = 17 + 4 * version;
    const empty = () => Array.from({ length: this.size }, () => Array<boolean>(this.size).fill(false));
    this.modules = empty();
    this.fixed = empty();
    for (let at = 0; at < this.size; at += 1) {
      this.set(6, at, at % 2 === 0);
      this.set(at, 6, at % 2 === 0);
    }
    const last = this.size - 4;
    for (const [x, y] of [[3, 3], [last, 3], [3, last]] as const) this.rings(x, y, 4, [2, 4]);
    const places = ALIGNMENT[version - 1]!;
    const isFinder = (x: number, y: number) => (x === 6 && y === 6) || (x === 6 && y === places.at(-1)) || (x === places.at(-1) && y === 6);
    for (const x of places) for (const y of places) if (!isFinder(x, y)) this.rings(x, y, 2, [1]);
    this.format(0);
    if (version >= 7) this.version(version);
  }

  /** Error correction M is 00, so that what stands there is the mask alone (clause 7.9). */
  format(mask: number): void {
    const bits = protectedBy(mask, 0x537, 10) ^ 0x5412;
    const bit = (at: number) => ((bits >>> at) & 1) === 1;
    for (let at = 0; at < 6; at += 1) this.set(8, at, bit(at));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let at = 9; at < 15; at += 1) this.set(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at += 1) this.set(this.size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at += 1) this.set(8, this.size - 15 + at, bit(at));
    this.set(8, this.size - 8, true);
  }

  /** From the lower right, up and down in columns of two (clause 7.7.3). */
  fill(bits: readonly boolean[], mask: (x: number, y: number) => boolean): void {
    let next = 0;
    for (let right = this.size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
      for (let step = 0; step < this.size; step += 1) {
        const y = up ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (this.fixed[y]![x]) continue;
          this.modules[y]![x] = (bits[next] ?? false) !== mask(x, y);
          next += 1;
        }
      }
    }
  }

  private version(version: number): void {
    const bits = protectedBy(version, 0x1f25, 12);
    for (let at = 0; at < 18; at += 1) {
      const [far, near] = [this.size - 11 + (at % 3), Math.floor(at / 3)];
      this.set(far, near, ((bits >>> at) & 1) === 1);
      this.set(near, far, ((bits >>> at) & 1) === 1);
    }
  }

  /** A square of rings around a point; those at the light distances are light. */
  private rings(x: number, y: number, reach: number, light: readonly number[]): void {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) this.set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }

  private set(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.modules[y]![x] = dark;
    this.fixed[y]![x] = true;
  }
}

/** What makes a code hard to read: long runs and blocks of one colour (clause 7.8.3, the first two rules). */
function unevenness(modules: Modules): number {
  let points = 0;
  const size = modules.length;
  for (let along = 0; along < size; along += 1) {
    for (const line of [modules[along]!, modules.map((row) => row[along]!)]) {
      for (let at = 1, run = 1; at < size; at += 1) {
        run = line[at] === line[at - 1] ? run + 1 : 1;
        points += run === 5 ? 3 : run > 5 ? 1 : 0;
      }
    }
  }
  for (let y = 1; y < size; y += 1) {
    for (let x = 1; x < size; x += 1) {
      const colour = modules[y]![x];
      if (modules[y - 1]![x] === colour && modules[y]![x - 1] === colour && modules[y - 1]![x - 1] === colour) points += 3;
    }
  }
  return points;
}
