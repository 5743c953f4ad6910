/** A person at a browser of their own, signed in and leading, for unit tests. */
import { IDBFactory } from "fake-indexeddb";
import type { CreateMlsEngine } from "@wardline/mls/engine";
import { SessionController, type Workspace } from "@wardline/messaging";
import type { Elect, OpenTabChannel, TabMessage } from "@wardline/store";
import { DoubleBrowser } from "./browser.ts";
import { createDoubleEngine, type DoubleEngine } from "./engine.ts";
import { doubleFileCipher } from "./files.ts";
import { AMARA, JONAS } from "./people.ts";
import type { DoubleServer } from "./server.ts";

export interface At {
  browser: DoubleBrowser;
  controller: SessionController;
  workspace: Workspace;
  engine: () => DoubleEngine;
  disk: IDBFactory;
  tabs: Tabs;
}

/** The tabs of one browser: a lock that the first holds, and a channel that the others hear. */
export class Tabs {
  private readonly listeners = new Set<{ name: string; receive: (message: TabMessage) => void }>();
  private readonly queue: { signal: AbortSignal; lead: () => void }[] = [];

  readonly openTabChannel: OpenTabChannel = (name) => {
    const own = new Set<{ name: string; receive: (message: TabMessage) => void }>();
    return {
      post: (message) => {
        for (const other of this.listeners) if (other.name === name && !own.has(other)) queueMicrotask(() => other.receive(structuredClone(message)));
      },
      listen: (receive) => {
        const entry = { name, receive };
        own.add(entry);
        this.listeners.add(entry);
        return () => this.listeners.delete(entry);
      },
      close: () => own.forEach((entry) => this.listeners.delete(entry)),
    };
  };

  readonly elect: Elect = (_name, signal, lead) => {
    this.queue.push({ signal, lead });
    signal.addEventListener("abort", () => {
      const wasLeading = this.queue[0]?.signal === signal;
      this.queue.splice(this.queue.findIndex((item) => item.signal === signal), 1);
      if (wasLeading) this.queue[0]?.lead();
    });
    if (this.queue.length === 1) lead();
  };
}

export interface SitDownOptions {
  /** The same disk and tabs as before: a reload, or a second tab. */
  after?: At;
  createEngine?: CreateMlsEngine;
}

export async function sitDown(server: DoubleServer, userId: string, options: SitDownOptions = {}): Promise<At> {
  const { after } = options;
  const disk = after?.disk ?? new IDBFactory();
  const tabs = after?.tabs ?? new Tabs();
  const browser = after?.browser ?? new DoubleBrowser(server, { userId, signedIn: true });
  let engine: DoubleEngine | undefined;
  const createEngine: CreateMlsEngine = async (given) => (engine = (await (options.createEngine ?? createDoubleEngine)(given)) as DoubleEngine);
  const controller = new SessionController({
    api: browser.api,
    openSocket: browser.openSocket,
    loadEngine: async () => createEngine,
    loadFileCipher: async () => doubleFileCipher,
    openTabChannel: tabs.openTabChannel,
    elect: tabs.elect,
    proofWaits: [1, 1],
  });
  globalThis.indexedDB = disk;
  await controller.start();
  const state = controller.state.get();
  if (state.stage !== "ready") throw new Error(`not ready: ${JSON.stringify(state)}`);
  return { browser, controller, workspace: state.workspace, engine: () => engine!, disk, tabs };
}

/** Leaves without a word, as a closed tab or a dead battery does. */
export async function pullThePlug(at: At): Promise<void> {
  await at.workspace.close();
}

export async function until(condition: () => boolean | Promise<boolean>, what = "the condition", milliseconds = 4000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Amara and Jonas at their browsers, in the conversation that she has begun. */
export async function sitDownTogether(server: DoubleServer): Promise<{ amara: At; jonas: At; conversationId: string }> {
  const amara = await sitDown(server, AMARA.user_id);
  const jonas = await sitDown(server, JONAS.user_id);
  await until(() => (server.keyPackages.get(jonas.browser.deviceId!)?.length ?? 0) > 0, "key packages");
  const conversationId = await amara.workspace.commands.run("start", { kind: "direct", userIds: [JONAS.user_id] });
  await until(() => jonas.workspace.mailbox.inbox.get().conversations.get(conversationId)?.membership === "joined", "Jonas to join");
  return { amara, jonas, conversationId };
}
