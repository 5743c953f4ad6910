/** One attempt at a time: busy while it runs, an error in words when it fails. */
import { useState } from "react";
import { isProblem } from "@wardline/api";
import { PasskeyCancelled } from "@wardline/messaging";
import { t } from "../../text/index.ts";

export interface Attempt {
  readonly busy: boolean;
  readonly error: string | null;
  readonly run: (work: () => Promise<void>) => void;
}

export function useAttempt(words: Readonly<Record<string, string>> = {}): Attempt {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    work()
      .catch((caught: unknown) => setError(explain(caught, words)))
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}

function explain(error: unknown, words: Readonly<Record<string, string>>): string {
  if (error instanceof PasskeyCancelled) return t.factor.passkeyCancelled;
  if (!isProblem(error)) return t.common.failed;
  if (error.code === "locked-out") return t.signIn.lockedOut(Math.max(1, Math.ceil((error.number("retry_after_seconds") ?? 60) / 60)));
  return words[error.code] ?? (error.status === 401 ? (words["401"] ?? t.factor.gone) : t.common.refused(error.body.detail ?? error.body.title));
}
