/** My delivered, read and acknowledged marks: kept first, told to the server soon after, together, until it has heard them. */
import { isProblem, isTransient, type ReceiptMarks } from "@wardline/api";
import type { Core } from "./core.ts";
import { type ConversationRecord, mergeMarks, withAttention } from "./records.ts";

const NONE: ReceiptMarks = { delivered: 0, read: 0, acknowledged: 0 };

export class Receipts {
  private readonly core: Core;
  private readonly delayMilliseconds: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(core: Core, delayMilliseconds = 250) {
    this.core = core;
    this.delayMilliseconds = delayMilliseconds;
  }

  mark(conversationId: string, marks: Partial<ReceiptMarks>): Promise<void> {
    const { store, queue, changed, me } = this.core;
    return queue.run(conversationId, async () => {
      const record = await store.get<ConversationRecord>("conversations", conversationId);
      if (record === undefined) return;
      const mine = mergeMarks(record.mine, marks);
      if (sameMarks(mine, record.mine)) return;
      const pending = (await store.get<ReceiptMarks>("receipts", conversationId)) ?? NONE;
      await store.write([
        { table: "conversations", key: conversationId, value: withAttention({ ...record, mine }, [], me.userId) },
        { table: "receipts", key: conversationId, value: mergeMarks(pending, marks) },
      ]);
      changed(`conversation:${conversationId}`);
      // Somebody waits for an acknowledgement: it does not wait for company, nor for the end of the session that may come next.
      if (mine.acknowledged > record.mine.acknowledged && !this.stopped) void this.flush().catch(() => undefined);
      else this.schedule();
    });
  }

  /** Tells the server what it has not heard; what fails stays for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const pending = await this.core.store.list<ReceiptMarks>("receipts");
    await Promise.all(pending.map(({ key, value }) => this.tell(key as string, value)));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), this.delayMilliseconds);
  }

  private async tell(conversationId: string, told: ReceiptMarks): Promise<void> {
    const { api, store, queue } = this.core;
    try {
      await api.postReceipts(conversationId, onlyMoved(told));
    } catch (error) {
      const gone = isProblem(error) && !isTransient(error) && error.status !== 401;
      if (!gone) return;
    }
    await queue.run(conversationId, async () => {
      const now = await store.get<ReceiptMarks>("receipts", conversationId);
      if (now !== undefined && sameMarks(now, told)) await store.write([{ table: "receipts", key: conversationId, remove: true }]);
      else if (now !== undefined) this.schedule();
    });
  }
}

const sameMarks = (left: ReceiptMarks, right: ReceiptMarks) =>
  left.delivered === right.delivered && left.read === right.read && left.acknowledged === right.acknowledged;

const onlyMoved = (marks: ReceiptMarks): Partial<ReceiptMarks> =>
  Object.fromEntries(Object.entries(marks).filter(([, sequence]) => sequence > 0));
