/** UUIDs of version 7 (RFC 9562 §5.7): they sort by the time they were made, also within one millisecond. */

let lastMilliseconds = 0;
let counter = 0;

export function uuidv7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // §6.2 method 1: a counter in rand_a keeps the order where the clock stands still or steps back.
  if (now <= lastMilliseconds) counter += 1;
  else {
    lastMilliseconds = now;
    counter = ((bytes[6]! << 8) | bytes[7]!) & 0x7ff;
  }
  if (counter > 0xfff) {
    lastMilliseconds += 1;
    counter = 0;
  }
  for (let index = 0; index < 6; index += 1) bytes[index] = Math.floor(lastMilliseconds / 2 ** (8 * (5 - index))) & 0xff;
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return uuidText(bytes);
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
