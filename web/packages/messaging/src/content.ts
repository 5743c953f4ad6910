/** What travels inside an encrypted message (docs/api.md "Content"): canonical JSON, sorted keys, UTF-8. */

export interface Content {
  readonly v: 1;
  readonly kind: "text" | "title" | "receipt-note";
  readonly text: string;
  readonly title?: string;
  readonly patient_id?: string;
  /** The idempotency id of the message that this one answers. */
  readonly reply_to?: string;
  /** The sender's clock, microseconds; the order is the server's, never this. */
  readonly sent_at: number;
}

export type DecodedContent = { readonly ok: Content } | { readonly unreadable: "newer-version" | "malformed" };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const KINDS = new Set(["text", "title", "receipt-note"]);
const OPTIONAL_TEXT = ["title", "patient_id", "reply_to"] as const;

export function encodeContent(content: Content): Uint8Array {
  const sorted = Object.entries(content)
    .filter(([, value]) => value !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return encoder.encode(JSON.stringify(Object.fromEntries(sorted)));
}

/** A member's device may send anything: each field is checked, and what is unknown is said to be so. */
export function decodeContent(bytes: Uint8Array): DecodedContent {
  const value = parse(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { unreadable: "malformed" };
  const fields = value as Record<string, unknown>;
  if (fields["v"] !== 1) return { unreadable: typeof fields["v"] === "number" ? "newer-version" : "malformed" };
  if (typeof fields["kind"] !== "string") return { unreadable: "malformed" };
  if (!KINDS.has(fields["kind"])) return { unreadable: "newer-version" };
  if (typeof fields["text"] !== "string" || !Number.isSafeInteger(fields["sent_at"])) return { unreadable: "malformed" };
  if (OPTIONAL_TEXT.some((name) => fields[name] !== undefined && typeof fields[name] !== "string")) return { unreadable: "malformed" };
  return { ok: fields as unknown as Content };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
