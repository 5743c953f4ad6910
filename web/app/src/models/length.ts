/** How much more may be written, said before there is no more room and never by cutting something off. */
import { t } from "../text/index.ts";

/** Null while there is plenty. */
export function roomLeft(length: number, most: number): string | null {
  const left = most - length;
  if (left < 0) return t.composer.tooLong(-left);
  return left <= most / 10 ? t.composer.roomLeft(left) : null;
}
