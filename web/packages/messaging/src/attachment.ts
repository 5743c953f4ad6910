/** A file that a message names: what its recipients need to fetch and open it (docs/api.md "Content"). Bounds as in lib/content. */
export interface Attachment {
  /** The file's id at the server. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Of the file itself, in bytes. */
  readonly size: number;
  /** Base64url: what opens it, and the SHA-256 of what the server holds. */
  readonly key: string;
  readonly sha256: string;
}

export const MOST_ATTACHMENTS = 10;
const MOST_NAME_BYTES = 255;
const MOST_TYPE_LENGTH = 127;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// 32 bytes: the last of 43 characters carries four bits.
const BYTES_32 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
/** Folders, control characters, and what makes text run the other way: "exe.gpj" must not read "jpg.exe". */
// eslint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f/\\\u202a-\u202e\u2066-\u2069]/;
const FIELDS = new Set(["id", "key", "name", "sha256", "size", "type"]);
const encoder = new TextEncoder();

/** Whether the value is the list of attachments of a message: one at least, each once, and nothing else in it. */
export function areAttachments(value: unknown): value is readonly Attachment[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ATTACHMENTS) return false;
  return value.every(isAttachment) && new Set(value.map(({ id }) => id)).size === value.length;
}

/** Whether one of them says something that this version does not know. */
export function haveUnknownFields(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  return value.some((item) => typeof item === "object" && item !== null && !Array.isArray(item) && Object.keys(item as object).some((name) => !FIELDS.has(name)));
}

function isAttachment(value: unknown): value is Attachment {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, type, size, key, sha256 } = value as Record<string, unknown>;
  const matches = (text: unknown, pattern: RegExp) => typeof text === "string" && pattern.test(text);
  return (
    matches(id, UUID) && matches(key, BYTES_32) && matches(sha256, BYTES_32) &&
    matches(type, TYPE) && (type as string).length <= MOST_TYPE_LENGTH &&
    typeof size === "number" && Number.isSafeInteger(size) && size >= 0 &&
    typeof name === "string" && isName(name)
  );
}

const isName = (name: string) => name !== "" && name !== "." && name !== ".." && !MISLEADING.test(name) && encoder.encode(name).length <= MOST_NAME_BYTES;

/** The name of a file as it may travel: without what could mislead, shortened before its ending. */
export function nameFor(name: string): string {
  const clean = name.replace(/\p{Surrogate}/gu, "\uFFFD").replaceAll(new RegExp(MISLEADING, "gu"), "_");
  if (clean === "" || clean === "." || clean === "..") return "file";
  const dot = clean.lastIndexOf(".");
  const ending = dot > 0 && clean.length - dot <= 12 ? clean.slice(dot) : "";
  let stem = [...clean.slice(0, clean.length - ending.length)];
  while (encoder.encode(stem.join("") + ending).length > MOST_NAME_BYTES) stem = stem.slice(0, -1);
  return stem.join("") + ending;
}

/** The media type of a file as it may travel. */
export function typeFor(type: string): string {
  const plain = type.split(";")[0]!.trim().toLowerCase();
  return TYPE.test(plain) && plain.length <= MOST_TYPE_LENGTH ? plain : "application/octet-stream";
}
