/**
 * Messages on their way out. What a person sent is on disk before anything else happens; it survives reload and lost networks,
 * goes out in the order in which it was written, and keeps its idempotency id, so that no retry shows twice.
 */
import { Backoff, encodeBase64Url, isProblem, isSessionLoss, isTransient, type Priority } from "@wardline/api";
import { MlsError } from "@wardline/mls/engine";
import { type Content, encodeContent, MOST_TEXT_LENGTH, MOST_TITLE_LENGTH } from "./content.ts";
import { type LeadingCore, type Core } from "./core.ts";
import { reopen } from "./apply.ts";
import { GroupError, isUntrusted } from "./group_error.ts";
import type { ConversationRecord, OutboxRecord } from "./records.ts";
import { Repeat } from "./queue.ts";
import { uuidv7 } from "./uuid.ts";

export interface SendRequest {
  readonly conversationId: string;
  readonly content: Omit<Content, "v" | "sent_at">;
  readonly priority: Priority;
  readonly needsAcknowledgement: boolean;
}

/**
 * Puts a message into the outbox; any tab may. The id that it returns is the idempotency id. In a conversation about a patient each
 * message says so itself.
 */
export async function enqueue(core: Core, request: SendRequest): Promise<string> {
  const { text, title = "" } = request.content;
  // Whoever received it could not read it.
  if (text.length > MOST_TEXT_LENGTH || title.length > MOST_TITLE_LENGTH) throw new RangeError("a message that is too long");
  const about = (await core.store.get<ConversationRecord>("conversations", request.conversationId))?.server.patient;
  const record: OutboxRecord = {
    id: uuidv7(),
    conversation_id: request.conversationId,
    content: { ...(about && { patient_id: about.patient_id }), ...request.content, v: 1, sent_at: core.now() },
    priority: request.priority,
    needs_acknowledgement: request.needsAcknowledgement,
    prepared: null,
    state: "queued",
  };
  await core.store.write([{ table: "outbox", key: record.id, value: record }]);
  core.changed(`outbox:${request.conversationId}`);
  return record.id;
}

export interface OutboxPeers {
  /** Reads the log up to its end. */
  catchUp(conversationId: string): Promise<void>;
  /** Commits what waits, so that the epoch is open again. */
  commitWaiting(conversationId: string): Promise<void>;
  /** A device in it, or the list of all devices, is not to be trusted: what was written waits. */
  isHeld(conversationId: string): Promise<boolean>;
  /** A device in it is in no log, as shows now. */
  hold(conversationId: string): Promise<void>;
}

const withCheckpoint = (content: Content, device_log: string | undefined): Content => (device_log === undefined ? content : { ...content, device_log });

/** `held`: goes out once nothing holds it. */
type Outcome = "sent" | "failed" | "later" | "held";
const MAXIMUM_ATTEMPTS = 6;

export class Outbox {
  private readonly core: LeadingCore;
  private readonly peers: OutboxPeers;
  private readonly draining = new Map<string, Repeat>();
  private readonly flushing = new Repeat(() => this.flushOnce());
  private readonly backoff: Backoff;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(core: LeadingCore, peers: OutboxPeers, random: () => number = Math.random) {
    this.core = core;
    this.peers = peers;
    this.backoff = new Backoff({ firstMilliseconds: 1000, maximumMilliseconds: 30_000, random });
  }

  flush(): Promise<void> {
    clearTimeout(this.retry);
    this.retry = undefined;
    return this.flushing.run();
  }

  /** A person asks to try a failed message again. */
  async again(id: string): Promise<void> {
    const record = await this.core.store.get<OutboxRecord>("outbox", id);
    if (record?.state !== "failed") return;
    const { failure: _, ...rest } = record;
    await this.keep({ ...rest, state: "queued", prepared: null });
    await this.drain(record.conversation_id);
  }

  async discard(id: string): Promise<void> {
    const record = await this.core.store.get<OutboxRecord>("outbox", id);
    if (record?.state !== "failed") return;
    await this.core.store.write([{ table: "outbox", key: id, remove: true }]);
    this.core.changed(`outbox:${record.conversation_id}`);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
  }

  private async flushOnce(): Promise<void> {
    const waiting = await this.core.store.list<OutboxRecord>("outbox");
    const conversations = new Set(waiting.filter(({ value }) => value.state === "queued").map(({ value }) => value.conversation_id));
    await Promise.all([...conversations].map((id) => this.drain(id)));
  }

  private drain(conversationId: string): Promise<void> {
    const drain = this.draining.get(conversationId) ?? new Repeat(() => this.drainOnce(conversationId));
    this.draining.set(conversationId, drain);
    return drain.run();
  }

  private async drainOnce(conversationId: string): Promise<void> {
    const all = await this.core.store.list<OutboxRecord>("outbox");
    for (const { value } of all) {
      if (this.stopped || (await this.peers.isHeld(conversationId))) return;
      if (value.conversation_id !== conversationId || value.state === "sent") continue;
      // What comes behind a failed message waits for the person's decision about that one.
      const outcome = value.state === "failed" ? "failed" : await this.deliver(value);
      if (outcome === "failed" || outcome === "held") return;
      if (outcome === "later") return this.scheduleRetry();
      this.backoff.reset();
    }
  }

  private async deliver(record: OutboxRecord): Promise<Outcome> {
    let current = record;
    for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
      try {
        current = current.prepared === null ? await this.prepare(current) : current;
        const { epoch, message } = current.prepared!;
        const { id, priority, needs_acknowledgement } = current;
        const answer = await this.core.api.postMessage(current.conversation_id, {
          idempotency_id: id, epoch, message, priority, needs_acknowledgement,
        });
        await this.markSent(current, answer.sequence);
        return "sent";
      } catch (error) {
        const next = await this.resolve(current, error);
        if (typeof next === "string") return next;
        current = next;
      }
    }
    return "later";
  }

  /** What a refusal asks for: catch up, commit, wait, or give the message back to its author. */
  private async resolve(record: OutboxRecord, error: unknown): Promise<OutboxRecord | Exclude<Outcome, "sent">> {
    try {
      if (isProblem(error, "stale-epoch")) await this.peers.catchUp(record.conversation_id);
      else if (isProblem(error, "epoch-closing") || (error instanceof MlsError && error.code === "commit-needed")) {
        await this.peers.catchUp(record.conversation_id);
        await this.peers.commitWaiting(record.conversation_id);
      } else if (isUntrusted(error)) {
        // With an alarm everything is held already.
        if (error instanceof GroupError && error.code === "untrusted-device") await this.peers.hold(record.conversation_id);
        return "held";
      } else if (isTransient(error) || isSessionLoss(error)) return "later";
      else if (error instanceof MlsError && (error.code === "unknown-conversation" || error.code === "commit-pending")) return "later";
      else if (isProblem(error)) {
        await this.keep({ ...record, state: "failed", prepared: null, failure: { code: error.code, detail: error.body.detail ?? error.body.title } });
        return "failed";
      } else throw error;
    } catch (second) {
      if (second === error) throw error;
      return "later";
    }
    return { ...record, prepared: null };
  }

  /** Encrypts, and writes ciphertext and ratchet together: the same bytes go out again after a crash. */
  private prepare(record: OutboxRecord): Promise<OutboxRecord> {
    const { engine, store, queue, deviceLog } = this.core;
    return queue.run(record.conversation_id, async () => {
      const { message, epoch, sealedState } = await engine.protect({
        conversationId: record.conversation_id,
        content: encodeContent(withCheckpoint(record.content, deviceLog.toTell(record.conversation_id))),
      });
      const prepared: OutboxRecord = { ...record, prepared: { epoch, message: encodeBase64Url(message) } };
      try {
        await store.write([
          { table: "outbox", key: record.id, value: prepared },
          { table: "mls", key: record.conversation_id, value: sealedState },
        ]);
      } catch (error) {
        await reopen(this.core, record.conversation_id);
        throw error;
      }
      return prepared;
    });
  }

  /** The entry may have come back through the log before the answer: then the outbox has done its part already. */
  private async markSent(record: OutboxRecord, sequence: number): Promise<void> {
    await this.core.queue.run(record.conversation_id, async () => {
      if ((await this.core.store.get("outbox", record.id)) === undefined) return;
      await this.keep({ ...record, prepared: null, state: "sent", sequence });
    });
  }

  private async keep(record: OutboxRecord): Promise<void> {
    await this.core.store.write([{ table: "outbox", key: record.id, value: record }]);
    this.core.changed(`outbox:${record.conversation_id}`);
  }

  private scheduleRetry(): void {
    if (this.stopped) return;
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      void this.flush().catch(() => this.scheduleRetry());
    }, this.backoff.next());
  }
}
