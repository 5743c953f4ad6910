/**
 * Several tabs, one of which leads: it alone holds the MLS state and the socket, so that no key is used twice. The others read
 * the store and ask the leader. A tab that closes or crashes frees its lock, and the next one leads.
 */

export type TabMessage =
  | { kind: "changed"; topics: string[] }
  | { kind: "ask"; id: string; command: string; request: unknown }
  | { kind: "answer"; id: string; value?: unknown; error?: { code: string; facts: Record<string, unknown> } };

export interface TabChannel {
  post(message: TabMessage): void;
  listen(receive: (message: TabMessage) => void): () => void;
  close(): void;
}

export function openTabChannel(name: string): TabChannel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen(receive) {
      const handler = (event: MessageEvent<TabMessage>) => receive(event.data);
      channel.addEventListener("message", handler);
      return () => channel.removeEventListener("message", handler);
    },
    close: () => channel.close(),
  };
}

/** Runs `lead` once this tab leads, now or later; leadership ends when `signal` aborts. */
export type Elect = (name: string, signal: AbortSignal, lead: () => void) => void;

export const electByWebLock: Elect = (name, signal, lead) => {
  navigator.locks
    .request(name, { signal }, () => {
      if (signal.aborted) return undefined;
      return new Promise<void>((release) => {
        signal.addEventListener("abort", () => release(), { once: true });
        lead();
      });
    })
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
};
