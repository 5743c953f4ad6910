/** Who or what a row is about: people are round, roles, groups and patients are square; a green dot is on call. */
import { t } from "../text/index.ts";

export interface FaceProps {
  readonly text: string;
  readonly kind: "person" | "group" | "role" | "patient";
  readonly size?: "m" | "s";
  readonly onCall?: boolean;
}

export function Face({ text, kind, size = "m", onCall = false }: FaceProps) {
  return (
    <span className={`face ${kind} ${size}`}>
      <span aria-hidden="true">{text}</span>
      {onCall && (
        <span className="duty">
          <span className="visually-hidden">{t.person.onCall}</span>
        </span>
      )}
    </span>
  );
}
