/** What the views of a tab read: conversations and open threads, straight from the store, the same in every tab. */
import type { SealedStore } from "@wardline/store";
import { threadRange } from "./core.ts";
import type { Directory } from "./directory.ts";
import { Observable } from "./observable.ts";
import { type AcknowledgementRecord, type ConversationRecord, type MessageRecord, mostPressing, type OutboxRecord } from "./records.ts";

export interface Inbox {
  readonly loaded: boolean;
  readonly conversations: ReadonlyMap<string, ConversationRecord>;
  /** The message that waits most urgently for me, per conversation in which one does. */
  readonly pressing: ReadonlyMap<string, MessageRecord>;
  /** Messages that have not left or were refused, per conversation. */
  readonly outgoing: ReadonlyMap<string, readonly OutboxRecord[]>;
  /** Acknowledgements that the server does not have, per conversation, in the order of what they are of. */
  readonly acknowledging: ReadonlyMap<string, readonly AcknowledgementRecord[]>;
}

export interface ThreadState {
  readonly loaded: boolean;
  readonly messages: readonly MessageRecord[];
  readonly outgoing: readonly OutboxRecord[];
  readonly hasOlder: boolean;
}

const PAGE = 120;
const EMPTY_THREAD: ThreadState = { loaded: false, messages: [], outgoing: [], hasOlder: false };

export class Mailbox {
  readonly inbox = new Observable<Inbox>({ loaded: false, conversations: new Map(), pressing: new Map(), outgoing: new Map(), acknowledging: new Map() });
  private readonly store: SealedStore;
  private readonly directory: Directory;
  private readonly threads = new Map<string, Thread>();
  private readonly stale = new Set<string>();
  private reading: Promise<void> | undefined;

  constructor(store: SealedStore, directory: Directory) {
    this.store = store;
    this.directory = directory;
  }

  async load(): Promise<void> {
    const [records, outgoing, acknowledging] = await Promise.all([this.store.list<ConversationRecord>("conversations"), this.readOutbox(), this.readAcknowledgements()]);
    const conversations = new Map(records.map(({ key, value }) => [key as string, value]));
    const pressing = await this.withPressing(new Map(), conversations);
    this.inbox.set({ loaded: true, conversations, pressing, outgoing, acknowledging });
    this.meet(conversations.values());
  }

  thread(conversationId: string): Thread {
    const known = this.threads.get(conversationId) ?? new Thread(this.store, conversationId);
    this.threads.set(conversationId, known);
    return known;
  }

  /** Something was written, here or in another tab. Reads it again soon, once, however often it is told. */
  changed(topics: readonly string[]): void {
    for (const topic of topics) this.stale.add(topic);
    this.reading ??= Promise.resolve()
      .then(() => this.readStale())
      .catch(() => undefined)
      .finally(() => {
        this.reading = undefined;
        if (this.stale.size > 0) this.changed([]);
      });
  }

  async settled(): Promise<void> {
    while (this.reading !== undefined) await this.reading;
  }

  private async readStale(): Promise<void> {
    const topics = [...this.stale];
    this.stale.clear();
    const ids = (prefix: string) => topics.filter((topic) => topic.startsWith(prefix)).map((topic) => topic.slice(prefix.length));
    const outbox = ids("outbox:");
    await this.readConversations(ids("conversation:"), outbox.length > 0, ids("acknowledgement:").length > 0);
    for (const id of new Set([...ids("thread:"), ...outbox])) await this.threads.get(id)?.refresh(this.inbox.get().outgoing.get(id) ?? []);
  }

  private async readConversations(ids: readonly string[], outboxToo: boolean, acknowledgementsToo: boolean): Promise<void> {
    const records = await Promise.all(ids.map((id) => this.store.get<ConversationRecord>("conversations", id)));
    const outgoing = outboxToo ? await this.readOutbox() : this.inbox.get().outgoing;
    const acknowledging = acknowledgementsToo ? await this.readAcknowledgements() : this.inbox.get().acknowledging;
    const changed = new Map(ids.map((id, index) => [id, records[index]]));
    const conversations = new Map(this.inbox.get().conversations);
    for (const [id, record] of changed) {
      if (record === undefined) conversations.delete(id);
      else conversations.set(id, record);
    }
    const pressing = await this.withPressing(this.inbox.get().pressing, changed);
    this.inbox.set({ loaded: true, conversations, pressing, outgoing, acknowledging });
    this.meet(records.filter((record) => record !== undefined));
  }

  /** As before, but for the conversations that changed. A message is written together with the record that says it waits. */
  private async withPressing(before: Inbox["pressing"], changed: ReadonlyMap<string, ConversationRecord | undefined>): Promise<Map<string, MessageRecord>> {
    const pressing = new Map(before);
    const read = async ([id, record]: readonly [string, ConversationRecord | undefined]) => {
      const item = record === undefined ? null : mostPressing(record);
      const message = item === null ? undefined : await this.store.get<MessageRecord>("messages", [id, item.sequence]);
      if (message === undefined) pressing.delete(id);
      else pressing.set(id, message);
    };
    await Promise.all([...changed].map(read));
    return pressing;
  }

  private async readOutbox(): Promise<Map<string, OutboxRecord[]>> {
    return byConversation((await this.store.list<OutboxRecord>("outbox")).map(({ value }) => value));
  }

  private async readAcknowledgements(): Promise<Map<string, AcknowledgementRecord[]>> {
    return byConversation((await this.store.list<AcknowledgementRecord>("receipts", EVERY_PAIR)).map(({ value }) => value));
  }

  private meet(records: Iterable<ConversationRecord>): void {
    const all = [...records];
    this.directory.needPeople(new Set(all.flatMap((record) => record.server.members.map((member) => member.user_id))));
    this.directory.needPatients(new Set(all.flatMap((record) => (record.server.patient ? [record.server.patient.patient_id] : []))));
  }
}

/** Keys that are pairs come behind all that are words. */
const EVERY_PAIR = { from: ["", 0] as const };

function byConversation<T extends { readonly conversation_id: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of all) found.set(item.conversation_id, [...(found.get(item.conversation_id) ?? []), item]);
  return found;
}

/** One conversation's messages: the newest page first, older ones as somebody scrolls back. */
export class Thread {
  readonly state = new Observable<ThreadState>(EMPTY_THREAD);
  private readonly store: SealedStore;
  private readonly conversationId: string;
  private work: Promise<void> = Promise.resolve();

  constructor(store: SealedStore, conversationId: string) {
    this.store = store;
    this.conversationId = conversationId;
  }

  load(outgoing: readonly OutboxRecord[]): Promise<void> {
    return this.next(async () => {
      if (!this.state.get().loaded) this.state.set({ loaded: true, outgoing, ...(await this.page(Number.MAX_SAFE_INTEGER)) });
    });
  }

  loadOlder(): Promise<void> {
    return this.next(async () => {
      const { messages, hasOlder, ...rest } = this.state.get();
      if (!hasOlder) return;
      const older = await this.page((messages[0]?.sequence ?? 1) - 1);
      this.state.set({ ...rest, messages: [...older.messages, ...messages], hasOlder: older.hasOlder });
    });
  }

  refresh(outgoing: readonly OutboxRecord[]): Promise<void> {
    return this.next(async () => {
      const before = this.state.get();
      if (!before.loaded) return;
      const from = (before.messages.at(-1)?.sequence ?? 0) + 1;
      const fresh = await this.store.list<MessageRecord>("messages", threadRange(this.conversationId, from));
      const messages = fresh.length === 0 ? before.messages : [...before.messages, ...fresh.map(({ value }) => value)];
      this.state.set({ ...before, messages, outgoing });
    });
  }

  private async page(to: number): Promise<{ messages: MessageRecord[]; hasOlder: boolean }> {
    const found = await this.store.list<MessageRecord>("messages", {
      ...threadRange(this.conversationId, 0, to),
      limit: PAGE + 1,
      backwards: true,
    });
    return { messages: found.slice(0, PAGE).map(({ value }) => value).reverse(), hasOlder: found.length > PAGE };
  }

  private next(work: () => Promise<void>): Promise<void> {
    this.work = this.work.then(work, work);
    return this.work;
  }
}
