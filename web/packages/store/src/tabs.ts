/**
 * Several tabs, one of which leads: it alone holds the MLS state and the socket, so that no key is used twice. The others read
 * the store and ask the leader. A tab that closes or crashes frees its lock, and the next one leads.
 */

export type TabMessage =
  | { kind: "changed"; topics: string[] }
  | { kind: "status"; value: unknown }
  | { kind: "session-ended"; reason: string }
  | { kind: "alive" }
  | { kind: "drafts"; keys: readonly string[] }
  | { kind: "ask"; id: string; command: string; request: unknown }
  | { kind: "answer"; id: string; value?: unknown; error?: unknown };

export interface TabChannel {
  post(message: TabMessage): void;
  /** Hears the other tabs, never itself. Returns how to stop. */
  listen(receive: (message: TabMessage) => void): () => void;
  close(): void;
}

export type OpenTabChannel = (name: string) => TabChannel;

export const openTabChannel: OpenTabChannel = (name) => {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    listen(receive) {
      const handler = (event: MessageEvent) => receive(event.data as TabMessage);
      channel.addEventListener("message", handler);
      return () => channel.removeEventListener("message", handler);
    },
    close: () => channel.close(),
  };
};

/** Runs `lead` once this tab leads, now or later; leadership ends when `signal` aborts. */
export type Elect = (name: string, signal: AbortSignal, lead: () => void) => void;

export const electByWebLock: Elect = (name, signal, lead) => {
  const held = () =>
    new Promise<void>((release) => {
      if (signal.aborted) return release();
      signal.addEventListener("abort", () => release(), { once: true });
      lead();
    });
  // Aborting while it waits in the queue rejects, and that is the end that was wanted.
  navigator.locks.request(name, { signal }, held).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};
