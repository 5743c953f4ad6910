/** The inbox's sections, worked out once for the list, the badge and the keys. */
import { createContext, type ReactNode, use, useRef } from "react";
import { useRouterState } from "@tanstack/react-router";
import { useInbox, useKnown, useObservable, useWorkspace } from "../context.tsx";
import { type InboxSection, inboxSections } from "../models/inbox.ts";

const SectionsContext = createContext<readonly InboxSection[]>([]);

export const useSections = () => use(SectionsContext);

export const useOpenConversation = (): string | null => useRouterState({ select: (state) => /^\/c\/(.+)$/.exec(state.location.pathname)?.[1] ?? null });

export function SectionsProvider({ children }: { children: ReactNode }) {
  const inbox = useInbox();
  const known = useKnown();
  const { me, drafts, departures } = useWorkspace();
  const begun = useObservable(drafts.begun);
  const leaving = useObservable(departures.state);
  const departing = new Set([...leaving].flatMap(([id, state]) => (state === "waiting" ? [id] : [])));
  const open = useOpenConversation();
  const before = useRef<readonly InboxSection[]>([]);
  const sections = inboxSections({ inbox, known, me: me.userId, drafts: begun, departing, open, before: before.current });
  before.current = sections;
  return <SectionsContext value={sections}>{children}</SectionsContext>;
}
