/** Files as people see them: how large, of what kind, and whether there is a picture to look at. */
import { t } from "../text/index.ts";

const UNITS = ["B", "KB", "MB", "GB"] as const;

export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return t.files.bytes(value.toFixed(digits), UNITS[unit]!);
}

/** What every browser draws, and nothing that can hold a script. */
const PICTURES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);
export const isPicture = (type: string): boolean => PICTURES.has(type);

export function kindName(type: string): string {
  const { kinds } = t.files;
  if (type.startsWith("image/")) return kinds.picture;
  if (type.startsWith("video/")) return kinds.video;
  if (type.startsWith("audio/")) return kinds.audio;
  if (type === "application/pdf") return kinds.pdf;
  if (type === "application/zip" || type === "application/gzip") return kinds.archive;
  return type.startsWith("text/") ? kinds.text : kinds.other;
}

/** Small enough to be fetched before anybody asks. */
export const SHOWN_AT_ONCE = 5 * 1024 * 1024;
