import { existsSync, readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFileCipherFrom, FileError, sealedSize } from "./files.ts";
import { canSuspend } from "./host/runner.ts";

const file = new URL("../dist/mls.wasm", import.meta.url);
if (!existsSync(file)) throw new Error("Build the module first: script/build-wasm");
const module = new WebAssembly.Module(readFileSync(file));

interface Vector {
  readonly context: string;
  readonly key: string;
  readonly size: number;
  readonly sealed: string;
}
const vectorFile = new URL("../../../../lib/attachment/testdata/cobblestone-256.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(vectorFile, "utf8")) as { vectors: Vector[] };
const ours = vectors.filter(({ context }) => context === "wardline message file v1");

const plaintext = (size: number) => Uint8Array.from({ length: size }, (_, i) => (7 * i + 3) % 251);
const bytes = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const sha256 = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());
const PORTION = 16 * 16384;

describe.each([{ suspend: false }, { suspend: true }])("files, with Promise Integration: $suspend", ({ suspend }) => {
  const test = it.runIf(!suspend || canSuspend());

  test("MSG-4: a file comes back as it was, at every boundary of chunks and portions", { timeout: 60_000 }, async () => {
    const cipher = await createFileCipherFrom(module, suspend);
    for (const size of [0, 1, 16383, 16384, 16385, PORTION - 1, PORTION, PORTION + 1, 2 * PORTION, 600_000]) {
      const encrypted = await cipher.encrypt(new Blob([plaintext(size)]));
      expect(encrypted.ciphertext.size).toBe(sealedSize(size));
      expect(encrypted.sha256).toEqual(sha256(await bytes(encrypted.ciphertext)));
      const opened = await cipher.decrypt(encrypted, "image/png");
      expect(opened.type).toBe("image/png");
      expect(Buffer.compare(await bytes(opened), plaintext(size))).toBe(0);
    }
  });

  test("files of another implementation open", { timeout: 60_000 }, async () => {
    const cipher = await createFileCipherFrom(module, suspend);
    expect(ours.length).toBeGreaterThan(5);
    for (const { key, size, sealed } of ours) {
      const ciphertext = new Uint8Array(Buffer.from(sealed, "base64"));
      const opened = await cipher.decrypt({ ciphertext: new Blob([ciphertext]), key: Buffer.from(key, "hex"), sha256: sha256(ciphertext) }, "");
      expect(Buffer.compare(await bytes(opened), plaintext(size))).toBe(0);
    }
  });

  test("what was altered, cut off, put in another order or sent by somebody else is refused", { timeout: 60_000 }, async () => {
    const cipher = await createFileCipherFrom(module, suspend);
    const encrypted = await cipher.encrypt(new Blob([plaintext(40_000)]));
    const whole = await bytes(encrypted.ciphertext);
    const refusal = (ciphertext: Uint8Array<ArrayBuffer>, other: Partial<typeof encrypted> = {}) =>
      cipher
        .decrypt({ key: encrypted.key, sha256: sha256(ciphertext), ...other, ciphertext: new Blob([ciphertext]) }, "")
        .then(() => "accepted", (error: unknown) => (error instanceof FileError ? error.code : String(error)));
    const flipped = (at: number) => whole.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(await refusal(whole)).toBe("accepted");
    expect(await refusal(flipped(3))).toBe("wrong-key");
    expect(await refusal(flipped(100))).toBe("damaged");
    expect(await refusal(flipped(whole.length - 1))).toBe("damaged");
    for (const length of [0, 55, 56, 60, 56 + 16400, 56 + 2 * 16400, whole.length - 1]) {
      expect(await refusal(whole.slice(0, length))).not.toBe("accepted");
    }
    const [first, second] = [whole.slice(56, 56 + 16400), whole.slice(56 + 16400, 56 + 2 * 16400)];
    const swapped = new Uint8Array([...whole.slice(0, 56), ...second, ...first, ...whole.slice(56 + 2 * 16400)]);
    expect(await refusal(swapped)).toBe("damaged");
    expect(await refusal(whole, { key: new Uint8Array(32) })).toBe("wrong-key");
    // A member who has the key makes another file under it: the digest in the message is of the first.
    const other = await cipher.encrypt(new Blob([plaintext(10)]));
    expect(await refusal(await bytes(other.ciphertext), { key: other.key, sha256: encrypted.sha256 })).toBe("damaged");
  });

  test("two files at once do not disturb each other, and a file that is given up stops", { timeout: 60_000 }, async () => {
    const cipher = await createFileCipherFrom(module, suspend);
    const stop = new AbortController();
    const progress: number[] = [];
    const given = cipher.encrypt(new Blob([plaintext(4 * PORTION)]), {
      signal: stop.signal,
      progress: (done) => {
        progress.push(done);
        stop.abort();
      },
    });
    const kept = cipher.encrypt(new Blob([plaintext(2 * PORTION)]));
    await expect(given).rejects.toThrow();
    expect(progress).toEqual([0.25]);
    expect((await bytes(await cipher.decrypt(await kept, ""))).length).toBe(2 * PORTION);
  });
});
