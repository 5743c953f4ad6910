import { expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";

it("brings every length back as it was", () => {
  for (const length of [0, 1, 2, 3, 4, 31, 32, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + 255) & 255);
    expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
  }
});

it("refuses padding, other alphabets and loose bits", () => {
  for (const text of ["AA==", "+/", "A", "AB", "A A"]) expect(() => decodeBase64Url(text)).toThrow(RangeError);
});
