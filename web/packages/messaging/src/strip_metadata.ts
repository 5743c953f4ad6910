/**
 * Takes out of a photo what it says beside the picture: where, when, with what, by whom (DLP-2). Losslessly: the picture's own bytes
 * are not touched. JPEG and PNG; other files go through as they are.
 */

/** A photo that cannot be followed to its end, so that nobody knows what it still says. It is not sent. */
export class UnreadablePicture extends Error {
  constructor() {
    super("unreadable picture");
    this.name = "UnreadablePicture";
  }
}

type Bytes = Uint8Array<ArrayBuffer>;

export async function stripMetadata(file: Blob): Promise<Blob> {
  const start = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  const strip = isJpeg(start) ? stripJpeg : isPng(start) ? stripPng : null;
  if (strip === null) return file;
  return new Blob(strip(new Uint8Array(await file.arrayBuffer())), { type: file.type });
}

const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
const isPng = (bytes: Uint8Array) => PNG_START.every((byte, at) => bytes[at] === byte);

// ITU-T T.81 Annex B.
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;

/** Kept of a JPEG: the picture, and what its colours need. The end of the picture is the end of the file. */
function stripJpeg(bytes: Bytes): Bytes[] {
  const kept: Bytes[] = [bytes.subarray(0, 2)];
  let orientation = 1;
  let at = 2;
  for (;;) {
    if (bytes[at] !== 0xff) throw new UnreadablePicture();
    while (bytes[at + 1] === 0xff) at += 1; // Fill bytes.
    const marker = bytes[at + 1];
    if (marker === undefined || marker === SOI || marker === 0) throw new UnreadablePicture();
    if (marker === EOI) {
      kept.push(bytes.subarray(at, at + 2));
      if (orientation !== 1) kept.splice(1, 0, orientationSegment(orientation));
      return kept;
    }
    const end = at + 2 + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
    if (end < at + 4 || end > bytes.length) throw new UnreadablePicture();
    const segment = bytes.subarray(at, end);
    if (marker === APP1) orientation = orientationOf(segment) ?? orientation;
    if (isKept(marker, segment)) kept.push(segment);
    at = end;
    if (marker === SOS) {
      at = endOfScan(bytes, end);
      kept.push(bytes.subarray(end, at));
    }
  }
}

function isKept(marker: number, segment: Bytes): boolean {
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  if (marker === APP0) return startsWith(segment, "JFIF\0");
  // The profile and the transform that colours are in; what cameras write beside them (MPF, thumbnails) is not.
  return (marker === APP2 && startsWith(segment, "ICC_PROFILE\0")) || (marker === APP14 && startsWith(segment, "Adobe"));
}

const startsWith = (segment: Bytes, text: string) => [...text].every((char, at) => segment[4 + at] === char.charCodeAt(0));

/** Where the next marker stands: in between are data, in which 0xff is followed by 0 or by a restart marker. */
function endOfScan(bytes: Bytes, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new UnreadablePicture();
}

const ORIENTATION = 0x0112;

/** How the picture is to be turned (Exif 2.32 §4.6.4), the one thing of its metadata that has to do with it. */
function orientationOf(segment: Bytes): number | null {
  if (!startsWith(segment, "Exif\0\0")) return null;
  const tiff = new DataView(segment.buffer, segment.byteOffset + 10, segment.byteLength - 10);
  try {
    const little = tiff.getUint16(0) === 0x4949;
    const directory = tiff.getUint32(4, little);
    const count = tiff.getUint16(directory, little);
    for (let index = 0; index < count; index += 1) {
      const entry = directory + 2 + 12 * index;
      if (tiff.getUint16(entry, little) !== ORIENTATION) continue;
      const value = tiff.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : null;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** An Exif segment that says this and nothing else: big-endian, one directory with one entry. */
const orientationSegment = (orientation: number): Bytes =>
  Uint8Array.of(
    0xff, APP1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0,
    0x4d, 0x4d, 0, 42, 0, 0, 0, 8,
    0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
    0, 0, 0, 0,
  );

/** PNG (ISO/IEC 15948): what is critical, animation, and what changes how the picture looks. */
const PNG_CHUNKS = new Set(["tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs", "acTL", "fcTL", "fdAT"]);

function stripPng(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Bytes[] = [bytes.subarray(0, 8)];
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw new UnreadablePicture();
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) throw new UnreadablePicture();
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const isCritical = (bytes[at + 4]! & 0x20) === 0;
    if (isCritical || PNG_CHUNKS.has(type)) kept.push(bytes.subarray(at, end));
    if (type === "IEND") return kept;
    at = end;
  }
}
