/** Keeps the local store level with the server: conversations, backlog, live entries, receipts; says how fresh it is. */
import { Backoff, type Conversation, type Entry, isTransient, type LiveSocket, type OpenSocket, type ServerFrame, type SocketState } from "@wardline/api";
import { applyEntries, type Applied, lookAgain, proveMembers } from "./apply.ts";
import { afterMarks, type LeadingCore } from "./core.ts";
import type { Groups } from "./groups.ts";
import { joinByExternalCommit, joinByWelcomes, leaveBehind } from "./joining.ts";
import { refillKeyPackages } from "./key_packages.ts";
import type { Outbox } from "./outbox.ts";
import type { Receipts } from "./receipts.ts";
import { Repeat } from "./queue.ts";
import { type ConversationRecord, mergeMarks, newConversationRecord } from "./records.ts";

export type Freshness = "connecting" | "catching_up" | "live" | "offline";

export interface SyncParts {
  readonly groups: Groups;
  readonly outbox: Outbox;
  readonly receipts: Receipts;
}

export interface SyncEvents {
  /** Others can begin conversations with this device. */
  reachable(): void;
  freshness(state: Freshness): void;
  typing(conversationId: string, userId: string): void;
  sessionEnded(reason: string): void;
}

const PAGE = 200;

export class Sync {
  private readonly core: LeadingCore;
  private readonly events: SyncEvents;
  private parts!: SyncParts;
  private socket: LiveSocket | undefined;
  private readonly arrived = new Map<string, Entry[]>();
  private readonly pumping = new Set<string>();
  private readonly catching = new Map<string, Repeat>();
  private readonly behind = new Set<string>();
  private readonly refreshing = new Repeat(() => this.refreshOnce());
  private fresh: Freshness | null = null;
  private stopped = false;

  constructor(core: LeadingCore, events: SyncEvents) {
    this.core = core;
    this.events = events;
  }

  /** Opens what is stored, then the line; the first refresh runs as soon as the line is open. */
  async start(parts: SyncParts, openSocket: OpenSocket): Promise<void> {
    this.parts = parts;
    await this.openStored();
    if (this.stopped) return;
    this.socket = openSocket({
      cursors: () => this.cursors(),
      frame: (frame) => this.receive(frame),
      state: (state) => this.lineChanged(state),
    });
    this.socket.start();
  }

  stop(): void {
    this.stopped = true;
    this.socket?.stop();
  }

  nudge(): void {
    this.socket?.nudge();
  }

  typing(conversationId: string): void {
    this.socket?.send({ type: "typing", conversation_id: conversationId });
  }

  /** Reads the log from the cursor to its end as it is now: a walk that is under way may have passed what the caller knows of. */
  catchUp(conversationId: string): Promise<void> {
    const walk = this.catching.get(conversationId) ?? new Repeat(() => this.walk(conversationId));
    this.catching.set(conversationId, walk);
    return walk.run();
  }

  /** The server's list of conversations, welcomes and what was left half done, asked for after this call. */
  refresh(): Promise<void> {
    return this.refreshing.run();
  }

  private async openStored(): Promise<void> {
    for (const { key, value } of await this.core.store.list<Uint8Array>("mls")) {
      await this.core.engine.open(key as string, value).catch(() => undefined);
    }
  }

  private async cursors() {
    const records = await this.core.store.list<ConversationRecord>("conversations");
    return records
      .filter(({ value }) => value.membership === "joined")
      .map(({ key, value }) => ({ conversation_id: key as string, after: value.applied }));
  }

  private lineChanged(state: SocketState): void {
    this.sayHowFresh();
    if (state === "open") this.quietly(this.refreshAll());
  }

  /** What the server has, and then what it does not have yet. */
  private async refreshAll(): Promise<void> {
    await this.refresh();
    await Promise.all([this.parts.outbox.flush(), this.parts.receipts.flush()]);
  }

  private sayHowFresh(): void {
    const state = this.socket?.state;
    if (this.stopped || state === undefined || state === "closed") return;
    const fresh: Freshness = state === "waiting" ? "offline" : state === "connecting" ? "connecting" : state === "open" || this.behind.size > 0 ? "catching_up" : "live";
    if (fresh !== this.fresh) this.events.freshness(fresh);
    this.fresh = fresh;
  }

  private receive(frame: ServerFrame): void {
    switch (frame.type) {
      case "entry":
        return this.enqueue(frame);
      case "receipts":
        return this.quietly(this.learnReceipts(frame));
      case "welcome":
        return this.quietly(this.joinWelcomes());
      case "behind":
        return this.quietly(this.comeLevel("everything", () => this.refreshAll()));
      case "typing":
        return this.events.typing(frame.conversation_id, frame.user_id);
      case "session-ended":
        return this.events.sessionEnded(frame.reason);
    }
  }

  /** What fails here is tried again on the next connection. */
  private quietly(work: Promise<unknown>): void {
    work.catch(() => undefined);
  }

  private enqueue(entry: Entry): void {
    const waiting = this.arrived.get(entry.conversation_id) ?? [];
    waiting.push(entry);
    this.arrived.set(entry.conversation_id, waiting);
    if (!this.pumping.has(entry.conversation_id)) this.quietly(this.pump(entry.conversation_id));
  }

  /** Entries that arrive while others are being applied go in together, with one write. */
  private async pump(conversationId: string): Promise<void> {
    this.pumping.add(conversationId);
    try {
      for (;;) {
        const entries = this.arrived.get(conversationId);
        this.arrived.delete(conversationId);
        if (entries === undefined || this.stopped) return;
        const applied = await applyEntries(this.core, conversationId, entries);
        await this.follow(conversationId, applied);
        if (applied.gap) await this.comeLevel(conversationId, () => this.catchUp(conversationId));
      }
    } finally {
      this.pumping.delete(conversationId);
    }
  }

  /** Something is missing that this line will not bring: asks for it until that has worked, and says meanwhile that what is shown is not the latest. */
  private async comeLevel(what: string, work: () => Promise<void>): Promise<void> {
    const backoff = new Backoff({ firstMilliseconds: 250, maximumMilliseconds: 15_000 });
    this.behind.add(what);
    this.sayHowFresh();
    try {
      // A new line says where each conversation is, and is sent what is missing.
      while (!(await worked(work)) && !this.stopped && this.socket?.state !== "waiting") {
        await new Promise((resolve) => setTimeout(resolve, backoff.next()));
      }
    } finally {
      this.behind.delete(what);
      this.sayHowFresh();
    }
  }

  private async walk(conversationId: string): Promise<void> {
    for (;;) {
      const record = await this.core.store.get<ConversationRecord>("conversations", conversationId);
      if (record?.membership !== "joined" || this.stopped) return;
      const page = await this.core.api.log(conversationId, record.applied, PAGE);
      if (page.entries.length === 0 && record.untrusted) return lookAgain(this.core, conversationId);
      const applied = await applyEntries(this.core, conversationId, page.entries);
      await this.follow(conversationId, applied);
      const reached = applied.record?.applied ?? 0;
      if (applied.lost !== null || reached >= page.last_sequence || reached <= record.applied) return;
    }
  }

  private async follow(conversationId: string, applied: Applied): Promise<void> {
    if (applied.lostCommit !== null) this.parts.groups.commitLost(conversationId, applied.lostCommit);
    if (applied.lost !== null) {
      await leaveBehind(this.core, conversationId, applied.lost).catch(() => undefined);
      return this.quietly(this.refresh());
    }
    const record = applied.record;
    if (record?.membership !== "joined") return;
    await this.parts.receipts.mark(conversationId, { delivered: record.applied });
    if (applied.members) this.quietly(this.core.api.conversation(conversationId).then((server) => this.learn(server)));
  }

  private async joinWelcomes(): Promise<void> {
    const joined = await joinByWelcomes(this.core);
    await Promise.all(joined.map((id) => this.catchUp(id)));
  }

  private async refreshOnce(): Promise<void> {
    // Before anything else is believed: the log of devices continues what this device saw of it. An alarm holds back sending
    // and is shown; what others wrote can still be read. Where the log cannot be had now, each proof asks for it again.
    await this.core.deviceLog.check().catch(() => undefined);
    // Then be reachable: until its key packages are there, nobody can write to a new device.
    await refillKeyPackages(this.core);
    this.events.reachable();
    await this.parts.groups.resumeStarts();
    await this.joinWelcomes();
    const { conversations } = await this.core.api.conversations();
    for (const server of conversations) {
      const known = await this.learn(server);
      if (known.membership === "awaiting" && server.state === "active") await this.enter(server);
      else if (known.membership === "joined") await this.resume(server, known);
    }
  }

  private async enter(server: Conversation): Promise<void> {
    const joined = await joinByExternalCommit(this.core, server).catch(() => false);
    if (joined) await this.catchUp(server.conversation_id);
  }

  private async resume(server: Conversation, known: ConversationRecord): Promise<void> {
    const id = server.conversation_id;
    if (known.applied < server.last_sequence || known.untrusted) await this.catchUp(id);
    // Where the log cannot be asked now, whoever sends asks.
    else await proveMembers(this.core, id).catch(() => undefined);
    const { pending } = await this.core.engine.describe(id).catch(() => ({ pending: null }));
    if (pending !== null && known.pending_commit !== null) this.quietly(this.parts.groups.resumeCommit(id, pending, known.pending_commit));
  }

  private learn(server: Conversation): Promise<ConversationRecord> {
    const id = server.conversation_id;
    return this.core.queue.run(id, async () => {
      const known = await this.core.store.get<ConversationRecord>("conversations", id);
      const record = known ?? newConversationRecord(server, "awaiting", 0);
      const next = await afterMarks(this.core, { ...record, server, mine: mergeMarks(record.mine, server.mine) });
      await this.core.store.write([{ table: "conversations", key: id, value: next }]);
      this.core.changed(`conversation:${id}`);
      return next;
    });
  }

  private learnReceipts(frame: Extract<ServerFrame, { type: "receipts" }>): Promise<void> {
    const { conversation_id: id, user_id } = frame;
    return this.core.queue.run(id, async () => {
      const record = await this.core.store.get<ConversationRecord>("conversations", id);
      if (record === undefined) return;
      const members = record.server.members.map((member) => (member.user_id === user_id ? { ...member, ...mergeMarks(member, frame) } : member));
      const mine = user_id === this.core.me.userId ? mergeMarks(record.mine, frame) : record.mine;
      const next = await afterMarks(this.core, { ...record, mine, server: { ...record.server, members } });
      await this.core.store.write([{ table: "conversations", key: id, value: next }]);
      this.core.changed(`conversation:${id}`);
    });
  }
}

/** False where the same may work later. */
async function worked(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isTransient(error)) return false;
    throw error;
  }
}
