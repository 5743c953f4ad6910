/** Read back by a decoder that others wrote. */
import jsQR from "jsqr";
import { describe, expect, it } from "vitest";
import { type Modules, qrCode } from "./qr.ts";

const SCALE = 4;
const QUIET = 4;

function read(modules: Modules): string | undefined {
  const width = (modules.length + 2 * QUIET) * SCALE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isDark = modules[Math.floor(y / SCALE) - QUIET]?.[Math.floor(x / SCALE) - QUIET] ?? false;
      if (isDark) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jsQR(pixels, width, width)?.data;
}

describe("a QR code", () => {
  // The longest text of each version, and the shortest of the next.
  it.each([1, 14, 15, 26, 27, 42, 43, 62, 63, 84, 85, 106, 107, 122, 123, 152, 153, 180])("of %i bytes reads as what it was made of", (length) => {
    const text = "otpauth://totp/Wardline:amara.keller?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Wardline&algorithm=SHA1&digits=6&period=30".repeat(2).slice(0, length);
    const code = qrCode(text)!;
    expect(read(code)).toBe(text);
  });

  it("grows with its text, and is not made where the text is too long", () => {
    expect(qrCode("W")).toHaveLength(21);
    expect(qrCode("W".repeat(180))).toHaveLength(53);
    expect(qrCode("W".repeat(181))).toBeNull();
  });

  it("carries letters beyond ASCII", () => {
    expect(read(qrCode("Tomás Rivera")!)).toBe("Tomás Rivera");
  });
});
