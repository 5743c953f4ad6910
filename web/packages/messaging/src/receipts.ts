/**
 * My delivered and read marks, and my acknowledgements: written down first, told to the server soon after, together, until it has
 * heard them. Marks count at once. An acknowledgement counts only once the server has it: whoever asked for it relies on it (MSG-6).
 */
import { Backoff, isProblem, isTransient, type ReceiptMarks } from "@wardline/api";
import type { Change } from "@wardline/store";
import { afterMarks, type Core } from "./core.ts";
import { type AcknowledgementRecord, type ConversationRecord, type Failure, mergeMarks } from "./records.ts";

const NONE: ReceiptMarks = { delivered: 0, read: 0, acknowledged: 0 };

/** Acknowledges this message and all before it. Any tab may: nobody else writes under this key, and writing it twice is writing it once. */
export async function acknowledge({ store, changed }: Core, conversationId: string, sequence: number): Promise<void> {
  const record: AcknowledgementRecord = { conversation_id: conversationId, sequence };
  await store.write([{ table: "receipts", key: [conversationId, sequence], value: record }]);
  changed(`acknowledgement:${conversationId}`);
}

/** What the server has not heard of one conversation. */
interface Untold {
  marks: ReceiptMarks;
  acknowledgements: AcknowledgementRecord[];
}

export class Receipts {
  private readonly core: Core;
  private readonly delayMilliseconds: number;
  private readonly backoff = new Backoff({ firstMilliseconds: 1000, maximumMilliseconds: 30_000 });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(core: Core, delayMilliseconds = 250) {
    this.core = core;
    this.delayMilliseconds = delayMilliseconds;
  }

  mark(conversationId: string, marks: Partial<Omit<ReceiptMarks, "acknowledged">>): Promise<void> {
    const { store, queue, changed } = this.core;
    return queue.run(conversationId, async () => {
      const record = await store.get<ConversationRecord>("conversations", conversationId);
      if (record === undefined) return;
      const mine = mergeMarks(record.mine, marks);
      if (sameMarks(mine, record.mine)) return;
      const pending = (await store.get<ReceiptMarks>("receipts", conversationId)) ?? NONE;
      await store.write([
        { table: "conversations", key: conversationId, value: await afterMarks(this.core, { ...record, mine }) },
        { table: "receipts", key: conversationId, value: mergeMarks(pending, marks) },
      ]);
      changed(`conversation:${conversationId}`);
      this.schedule(this.delayMilliseconds);
    });
  }

  /** Tells the server what it has not heard; what fails is tried again. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const untold = await this.untold();
    const told = await Promise.all([...untold].map(([conversationId, waiting]) => this.tell(conversationId, waiting)));
    if (told.every(Boolean)) this.backoff.reset();
    else this.schedule(this.backoff.next());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(milliseconds: number): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), milliseconds);
  }

  /** Marks lie under the conversation's id, an acknowledgement under that and its sequence. One that was refused waits for the person. */
  private async untold(): Promise<Map<string, Untold>> {
    const untold = new Map<string, Untold>();
    for (const { key, value } of await this.core.store.list<ReceiptMarks | AcknowledgementRecord>("receipts")) {
      const id = typeof key === "string" ? key : key[0];
      const waiting = untold.get(id) ?? { marks: NONE, acknowledgements: [] };
      if ("delivered" in value) untold.set(id, { ...waiting, marks: value });
      else if (value.failure === undefined) untold.set(id, { ...waiting, acknowledgements: [...waiting.acknowledgements, value] });
    }
    return untold;
  }

  /** False where the same may work later. */
  private async tell(conversationId: string, { marks, acknowledgements }: Untold): Promise<boolean> {
    const told = mergeMarks(marks, { acknowledged: acknowledgements.at(-1)?.sequence ?? 0 });
    try {
      await this.core.api.postReceipts(conversationId, onlyMoved(told));
    } catch (error) {
      if (!isProblem(error) || isTransient(error) || error.status === 401) return false;
      const failure = { code: error.code, detail: error.body.detail ?? error.body.title };
      await this.settle(conversationId, marks, () => refused(acknowledgements, failure));
      return true;
    }
    await this.settle(conversationId, marks, () => this.heard(conversationId, told));
    return true;
  }

  /** Marks are told or given up; what becomes of the acknowledgements is written together with that. */
  private async settle(conversationId: string, marks: ReceiptMarks, then: () => Change[] | Promise<Change[]>): Promise<void> {
    const { store, queue, changed } = this.core;
    await queue.run(conversationId, async () => {
      const now = await store.get<ReceiptMarks>("receipts", conversationId);
      const isTold = now !== undefined && sameMarks(now, marks);
      await store.write([...(isTold ? [{ table: "receipts", key: conversationId, remove: true } as const] : []), ...(await then())]);
      changed(`conversation:${conversationId}`, `acknowledgement:${conversationId}`);
      if (now !== undefined && !isTold) this.schedule(this.delayMilliseconds);
    });
  }

  /** The server has it: now it counts. */
  private async heard(conversationId: string, told: ReceiptMarks): Promise<Change[]> {
    const { store } = this.core;
    const record = await store.get<ConversationRecord>("conversations", conversationId);
    const mine = mergeMarks(record?.mine ?? NONE, told);
    const waiting = await store.list("receipts", { from: [conversationId, 0], to: [conversationId, mine.acknowledged] });
    return [
      ...waiting.map(({ key }) => ({ table: "receipts", key, remove: true }) as const),
      ...(record === undefined ? [] : [{ table: "conversations", key: conversationId, value: await afterMarks(this.core, { ...record, mine }) } as const]),
    ];
  }
}

const refused = (acknowledgements: readonly AcknowledgementRecord[], failure: Failure): Change[] =>
  acknowledgements.map((record) => ({ table: "receipts", key: [record.conversation_id, record.sequence], value: { ...record, failure } }));

const sameMarks = (left: ReceiptMarks, right: ReceiptMarks) =>
  left.delivered === right.delivered && left.read === right.read && left.acknowledged === right.acknowledged;

const onlyMoved = (marks: ReceiptMarks): Partial<ReceiptMarks> =>
  Object.fromEntries(Object.entries(marks).filter(([, sequence]) => sequence > 0));
