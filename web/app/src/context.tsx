/** What the views of a signed-in session reach for: the session, its workspace, the API, and the time. */
import { createContext, use, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { Person, WardlineApi } from "@wardline/api";
import type { Observable, SessionController, Workspace } from "@wardline/messaging";
import { isolated } from "./models/names.ts";
import { t } from "./text/index.ts";

export interface AppParts {
  readonly session: SessionController;
  readonly api: WardlineApi;
}

export const AppContext = createContext<AppParts | null>(null);
export const WorkspaceContext = createContext<Workspace | null>(null);

function required<T>(value: T | null): T {
  if (value === null) throw new Error("used outside of its provider");
  return value;
}

export const useApp = (): AppParts => required(use(AppContext));
export const useWorkspace = (): Workspace => required(use(WorkspaceContext));

export function useObservable<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.get);
}

export const useInbox = () => useObservable(useWorkspace().mailbox.inbox);
export const useKnown = () => useObservable(useWorkspace().directory.known);
export const useTrust = () => useObservable(useWorkspace().trust.state);
export const useConnection = () => useObservable(useWorkspace().connection);

/** Nothing is sent into this conversation for now: a device in it, or the list of all devices, is not to be trusted. */
export function useIsHeld(conversationId: string): boolean {
  const { alarm } = useTrust();
  const record = useInbox().conversations.get(conversationId);
  return alarm !== null || record?.untrusted === true;
}

/** Calls `take` when another tab has written this draft, or sent it. */
export function useRewrittenDraft(key: string, take: () => void): void {
  const times = useObservable(useWorkspace().drafts.rewritten).get(key) ?? 0;
  const before = useRef(times);
  useEffect(() => {
    if (times !== before.current) take();
    before.current = times;
  }, [times]);
}

/** A name for anybody, also before the directory has answered. */
export function useNameOf(): (userId: string) => string {
  const { people } = useKnown();
  const { me } = useWorkspace();
  return (userId) => (userId === me.userId ? t.common.you : isolated(people.get(userId)?.name ?? t.common.unknownPerson));
}

export function usePerson(userId: string): Person | undefined {
  return useKnown().people.get(userId);
}

/** Microseconds since 1970, fresh every so often: for "waiting 4 min". */
export function useNow(everyMilliseconds = 20_000): number {
  const [now, setNow] = useState(() => Date.now() * 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() * 1000), everyMilliseconds);
    return () => clearInterval(timer);
  }, [everyMilliseconds]);
  return now;
}

export function useMedia(query: string): boolean {
  const subscribe = (changed: () => void) => {
    const media = matchMedia(query);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  };
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

export const useIsPhone = () => useMedia("(max-width: 719px)");
export const useHasRoomForDetails = () => useMedia("(min-width: 1180px)");
