import { describe, expect, it } from "vitest";
import { stripMetadata, UnreadablePicture } from "./strip_metadata.ts";

const text = (value: string) => [...value].map((char) => char.charCodeAt(0));
const segment = (marker: number, body: number[]) => [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
const bytesOf = async (blob: Blob) => [...new Uint8Array(await blob.arrayBuffer())];
const strip = async (bytes: number[]) => bytesOf(await stripMetadata(new Blob([Uint8Array.from(bytes)], { type: "image/jpeg" })));

const JFIF = segment(0xe0, [...text("JFIF"), 0, 1, 2, 0, 0, 1, 0, 1, 0, 0]);
const ICC = segment(0xe2, [...text("ICC_PROFILE"), 0, 1, 1, 9, 9]);
const ADOBE = segment(0xee, [...text("Adobe"), 0, 100, 0, 0, 0, 0, 1]);
const TABLE = segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1)]);
const FRAME = segment(0xc2, [8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
/** A scan whose data hold a stuffed 0xff and a restart marker. */
const SCAN = [...segment(0xda, [1, 1, 0, 0, 63, 0]), 1, 0xff, 0, 2, 0xff, 0xd3, 3];
const EOI = [0xff, 0xd9];
const exif = (orientation: number, little = false) => {
  const short = (value: number) => (little ? [value & 0xff, value >> 8] : [value >> 8, value & 0xff]);
  const long = (value: number) => (little ? [...short(value), 0, 0] : [0, 0, ...short(value)]);
  const entry = (tag: number, value: number) => [...short(tag), ...short(3), ...long(1), ...short(value), 0, 0];
  return segment(0xe1, [...text("Exif"), 0, 0, ...text(little ? "II" : "MM"), ...short(42), ...long(8), ...short(2), ...entry(0x10f, 7), ...entry(0x112, orientation), ...long(0), ...text("GPS 52.52 13.40")]);
};

describe("a JPEG", () => {
  const picture = [...TABLE, ...FRAME, ...SCAN, ...TABLE, ...SCAN, ...EOI];

  it("keeps its picture and its colours, bit for bit, and nothing else (DLP-2)", async () => {
    const before = [
      0xff, 0xd8, ...JFIF, ...exif(1), ...segment(0xe1, text("http://ns.adobe.com/xap/1.0/ <rdf:creator>Ann</rdf:creator>")), ...ICC,
      ...segment(0xe2, [...text("MPF"), 0, 1]), ...segment(0xed, text("Photoshop 3.0")), ...ADOBE, ...segment(0xfe, text("bed 12")), ...picture,
      ...text("a second picture behind the first"),
    ];
    expect(await strip(before)).toEqual([0xff, 0xd8, ...JFIF, ...ICC, ...ADOBE, ...picture]);
  });

  it("is still the right way up", async () => {
    for (const little of [false, true]) {
      const after = await strip([0xff, 0xd8, ...exif(6, little), ...picture]);
      const turned = String.fromCharCode(...after.slice(2, 38));
      expect(turned).toContain("Exif");
      expect(after.slice(2, 6)).toEqual([0xff, 0xe1, 0, 34]);
      expect(after[2 + 29]).toBe(6);
      expect(after.slice(2 + 36)).toEqual(picture);
      expect(String.fromCharCode(...after)).not.toContain("GPS");
      expect(await strip(after), "and once more changes nothing").toEqual(after);
    }
  });

  it("is not sent when it cannot be followed to its end", async () => {
    for (const bad of [[0xff, 0xd8, 0xff], [0xff, 0xd8, ...TABLE], [0xff, 0xd8, ...TABLE, 1, 2], [0xff, 0xd8, ...SCAN], [0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1], [0xff, 0xd8, 0xff, 0xdb, 0, 1, 0, 0]]) {
      await expect(strip(bad)).rejects.toThrow(UnreadablePicture);
    }
  });

  it("with a broken orientation loses that alone", async () => {
    const broken = segment(0xe1, [...text("Exif"), 0, 0, ...text("MM"), 0, 42, 0, 0, 0xff, 0xff]);
    expect(await strip([0xff, 0xd8, ...broken, ...picture])).toEqual([0xff, 0xd8, ...picture]);
  });
});

describe("a PNG", () => {
  const START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const chunk = (type: string, body: number[]) => [0, 0, 0, body.length, ...text(type), ...body, 1, 2, 3, 4];
  const IHDR = chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
  const IDAT = chunk("IDAT", [1, 2, 3]);
  const IEND = chunk("IEND", []);

  it("keeps what is seen of it (DLP-2)", async () => {
    const before = [...START, ...IHDR, ...chunk("gAMA", [0, 0, 1, 1]), ...chunk("eXIf", text("GPS")), ...chunk("tEXt", text("Author\0Ann")), ...chunk("tIME", [7]), ...chunk("zzZz", [1]), ...IDAT, ...IDAT, ...IEND, 9, 9];
    expect(await strip(before)).toEqual([...START, ...IHDR, ...chunk("gAMA", [0, 0, 1, 1]), ...IDAT, ...IDAT, ...IEND]);
  });

  it("is not sent when it is cut off", async () => {
    for (const bad of [START, [...START, ...IHDR], [...START, ...IHDR, ...IDAT.slice(0, -1)]]) await expect(strip(bad)).rejects.toThrow(UnreadablePicture);
  });
});

describe("any other file", () => {
  it("goes through as it is", async () => {
    const pdf = text("%PDF-1.7 …".replace("…", "..."));
    expect(await strip(pdf)).toEqual(pdf);
    expect(await strip([])).toEqual([]);
  });
});
