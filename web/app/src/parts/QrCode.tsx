/** A text to be taken from the screen by a telephone. Dark on white in every theme: cameras read nothing else reliably. */
import { qrCode } from "../models/qr.ts";

const QUIET = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
  const modules = qrCode(text);
  if (modules === null) return null;
  const size = modules.length + 2 * QUIET;
  const dark = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : [])));
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
