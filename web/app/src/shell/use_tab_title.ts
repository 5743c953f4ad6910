/** What the browser's tab and the app's icon say: where one is and how much waits, never about whom. */
import { useEffect } from "react";
import { waitingCount } from "../models/inbox.ts";
import { t } from "../text/index.ts";
import { useSections } from "./sections.tsx";

const PLACES: readonly (readonly [prefix: string, title: string])[] = [
  ["/c/", t.nav.conversation],
  ["/new", t.nav.newMessage],
  ["/patients", t.nav.patients],
  ["/people", t.nav.people],
  ["/on-call", t.nav.onCall],
  ["/security", t.security.title],
];

export function useTabTitle(path: string): void {
  const waiting = waitingCount(useSections());
  const place = PLACES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? t.nav.inbox;
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${place} · ${t.product}`;
  }, [waiting, place]);
  useEffect(() => void navigator.setAppBadge?.(waiting).catch(() => undefined), [waiting]);
  useEffect(
    () => () => {
      document.title = t.product;
      void navigator.clearAppBadge?.().catch(() => undefined);
    },
    [],
  );
}
