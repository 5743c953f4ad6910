/** What every part of a working session shares. Put together in workspace.ts. */
import type { WardlineApi } from "@wardline/api";
import type { MlsEngine } from "@wardline/mls/engine";
import type { SealedStore } from "@wardline/store";
import type { DeviceLog } from "./device_log.ts";
import type { KeyedQueue } from "./queue.ts";
import { type ConversationRecord, type MessageRecord, withAttention } from "./records.ts";

export interface Me {
  readonly userId: string;
  readonly deviceId: string;
}

/** What changed, so that views read it again. */
export type Topic = `conversation:${string}` | `thread:${string}` | `outbox:${string}` | `acknowledgement:${string}` | "trust";

export interface Core {
  readonly api: WardlineApi;
  readonly store: SealedStore;
  readonly me: Me;
  readonly queue: KeyedQueue;
  readonly changed: (...topics: Topic[]) => void;
  /** Microseconds since 1970. */
  readonly now: () => number;
}

export interface LeadingCore extends Core {
  /** Fetches proofs for devices that are new to it, and trusts no other. */
  readonly engine: MlsEngine;
  readonly deviceLog: DeviceLog;
}

export const threadRange = (conversationId: string, from = 0, to = Number.MAX_SAFE_INTEGER) => ({
  from: [conversationId, from] as const,
  to: [conversationId, to] as const,
});

/** The record after my marks moved: where there had been no room for everything, what is left is looked for among the messages. */
export async function afterMarks({ store, me }: Pick<Core, "store" | "me">, { crowded, ...record }: ConversationRecord): Promise<ConversationRecord> {
  if (!crowded) return withAttention(record, [], me.userId);
  const { read, acknowledged } = record.mine;
  const later = await store.list<MessageRecord>("messages", threadRange(record.server.conversation_id, Math.min(read, acknowledged) + 1));
  return withAttention({ ...record, attention: [] }, later.map(({ value }) => value), me.userId);
}
