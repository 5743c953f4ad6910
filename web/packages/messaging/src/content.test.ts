import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MOST_ATTACHMENTS } from "./attachment.ts";
import { type Content, decodeContent, encodeContent, MOST_TEXT_LENGTH, MOST_TITLE_LENGTH } from "./content.ts";

interface Vector {
  readonly name: string;
  readonly bytes?: string;
  readonly hex?: string;
  readonly content?: Omit<Content, "v">;
  readonly error?: "newer-version" | "malformed";
}

const vectors = JSON.parse(readFileSync(new URL("../../../../lib/content/vectors/content.json", import.meta.url), "utf8")) as Vector[];
const bytesOf = (vector: Vector) => (vector.hex === undefined ? new TextEncoder().encode(vector.bytes) : Uint8Array.from(Buffer.from(vector.hex, "hex")));
const least: Content = { v: 1, kind: "text", text: "", sent_at: 0 };

describe("content is read and refused as programs do it:", () => {
  it.each(vectors)("$name", (vector) => {
    const bytes = bytesOf(vector);
    const expected = vector.content === undefined ? { unreadable: vector.error } : { ok: { v: 1, ...vector.content } };
    expect(decodeContent(bytes)).toEqual(expected);
    if (vector.content !== undefined) expect([...encodeContent({ v: 1, ...vector.content })]).toEqual([...bytes]);
  });
});

describe("content", () => {
  it("is bounded", () => {
    const room = 64 * 1024 - encodeContent(least).length;
    expect(decodeContent(encodeContent({ ...least, text: "a".repeat(room) }))).toHaveProperty("ok");
    expect(decodeContent(encodeContent({ ...least, text: "a".repeat(room + 1) }))).toEqual({ unreadable: "malformed" });
  });

  it("holds the longest text that people may write, of whatever characters, with ten files beside it", () => {
    const file = (number: number) => ({ id: `018f7a00-0001-7000-8000-00000000000${number}`, name: '"'.repeat(255), type: `application/${"x".repeat(115)}`, size: 2 ** 40, key: "A".repeat(43), sha256: "A".repeat(43) });
    const attachments = Array.from({ length: MOST_ATTACHMENTS }, (_, number) => file(number));
    for (const character of ["x", "界", "\u0001"]) {
      const text = character.repeat(MOST_TEXT_LENGTH);
      expect(decodeContent(encodeContent({ ...least, title: "界".repeat(MOST_TITLE_LENGTH), text, attachments }))).toMatchObject({ ok: { text } });
    }
  });

  it("with half a surrogate pair is sent so that others can read it", () => {
    expect(decodeContent(encodeContent({ ...least, text: "a\ud800b🌡" }))).toMatchObject({ ok: { text: "a\ufffdb🌡" } });
  });
});
