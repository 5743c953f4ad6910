/**
 * What travels inside an encrypted message (docs/api.md "Content"), to the letter as lib/content writes and reads it: both sides
 * are tested against lib/content/vectors.
 */
import { areAttachments, type Attachment, haveUnknownFields } from "./attachment.ts";
import { fromCanonicalJson, toCanonicalJson } from "./canonical_json.ts";

export interface Content {
  readonly v: 1;
  readonly kind: "text" | "title" | "receipt-note";
  readonly text: string;
  readonly title?: string;
  readonly patient_id?: string;
  /** The idempotency id of the message that this one answers. */
  readonly reply_to?: string;
  /** Files, one to ten; each lies encrypted at the server. */
  readonly attachments?: readonly Attachment[];
  /** A checkpoint of the device log as the sender saw it, for comparison (ENC-8). Never stored. */
  readonly device_log?: string;
  /** The sender's clock, microseconds; the order is the server's, never this. */
  readonly sent_at: number;
}

export type DecodedContent = { readonly ok: Content } | { readonly unreadable: "newer-version" | "malformed" };

/** What a person may write in one message and as its subject, in UTF-16 units: in bytes it always fits, with ten files beside it. */
export const MOST_TEXT_LENGTH = 8000;
export const MOST_TITLE_LENGTH = 120;
const MOST_BYTES = 64 * 1024;
const MOST_TITLE_BYTES = 480;
const MOST_DEVICE_LOG_BYTES = 1024;
const VERSION = 1;
const KINDS = new Set(["text", "title", "receipt-note"]);
const FIELDS = new Set(["v", "kind", "text", "title", "patient_id", "reply_to", "attachments", "device_log", "sent_at"]);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const encoder = new TextEncoder();

/** Text that nobody could read, half a surrogate pair, is written as U+FFFD. */
export function encodeContent(content: Content): Uint8Array {
  const readable = Object.entries(content)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\uFFFD") : value]);
  const json = toCanonicalJson(Object.fromEntries(readable));
  if (json === undefined) throw new RangeError("content has no canonical form");
  return encoder.encode(json);
}

/** A member's device may send anything: only what `encodeContent` writes is read, and what is unknown is said to be so. */
export function decodeContent(bytes: Uint8Array): DecodedContent {
  const fields = bytes.length <= MOST_BYTES ? fromCanonicalJson(bytes) : undefined;
  if (typeof fields !== "object" || Array.isArray(fields)) return { unreadable: "malformed" };
  const { v, kind } = fields;
  if (typeof v !== "number" || v < VERSION) return { unreadable: "malformed" };
  if (v > VERSION) return { unreadable: "newer-version" };
  if (typeof kind !== "string") return { unreadable: "malformed" };
  // A field that is not known might change what the others mean: then nothing of the message is shown.
  if (!KINDS.has(kind) || Object.keys(fields).some((name) => !FIELDS.has(name))) return { unreadable: "newer-version" };
  if (haveUnknownFields(fields["attachments"])) return { unreadable: "newer-version" };
  return isWithinBounds(fields) ? { ok: fields as unknown as Content } : { unreadable: "malformed" };
}

function isWithinBounds(fields: Record<string, unknown>): boolean {
  const { text, sent_at, title, patient_id, reply_to, attachments, device_log } = fields;
  const isId = (value: unknown) => value === undefined || (typeof value === "string" && UUID.test(value));
  const isShort = (value: unknown, most: number) => value === undefined || (typeof value === "string" && encoder.encode(value).length <= most);
  const isBounded = isShort(title, MOST_TITLE_BYTES) && isShort(device_log, MOST_DEVICE_LOG_BYTES);
  return typeof text === "string" && typeof sent_at === "number" && sent_at >= 0 && isBounded && isId(patient_id) && isId(reply_to) && (attachments === undefined || areAttachments(attachments));
}
