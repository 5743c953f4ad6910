/**
 * Canonical JSON, as lib/content/canonical_json.h has it: members in order of their names, no white space, integers only, the shortest
 * escapes, no null.
 */

export type CanonicalValue = boolean | number | string | CanonicalValue[] | { [name: string]: CanonicalValue };

const MOST_DEPTH = 8;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined for what has no canonical form. */
export function toCanonicalJson(value: unknown): string | undefined {
  return write(value, 0);
}

/** Accepts exactly what `toCanonicalJson` writes. */
export function fromCanonicalJson(bytes: Uint8Array): CanonicalValue | undefined {
  try {
    const text = decoder.decode(bytes);
    const value: unknown = JSON.parse(text);
    return toCanonicalJson(value) === text ? (value as CanonicalValue) : undefined;
  } catch {
    return undefined;
  }
}

function write(value: unknown, depth: number): string | undefined {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value === "string") return /\p{Surrogate}/u.test(value) ? undefined : JSON.stringify(value);
  if (typeof value !== "object" || value === null || depth === MOST_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const elements = value.map((element) => write(element, depth + 1));
    return elements.includes(undefined) ? undefined : `[${elements.join(",")}]`;
  }
  const members: string[] = [];
  for (const [name, member] of Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))) {
    const written = NAME.test(name) ? write(member, depth + 1) : undefined;
    if (written === undefined) return undefined;
    members.push(`"${name}":${written}`);
  }
  return `{${members.join(",")}}`;
}
