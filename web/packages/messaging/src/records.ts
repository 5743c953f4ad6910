/** What the store keeps of conversations, messages and what is on its way out. */
import type { Confirmed, Conversation, Priority, ReceiptMarks } from "@wardline/api";
import type { CommitIntent } from "@wardline/mls/engine";
import type { Content } from "./content.ts";

export type MessageBody =
  | { readonly kind: "content"; readonly content: Content }
  | { readonly kind: "unreadable"; readonly reason: "newer-version" | "malformed" | "keys-gone" | "invalid" | "sent-elsewhere" }
  | { readonly kind: "membership"; readonly added: readonly string[]; readonly removed: readonly string[] }
  /** Entries that this device could not follow, after which it joined anew. */
  | { readonly kind: "gap" };

export interface MessageRecord {
  readonly sequence: number;
  readonly id: string;
  readonly sender: { readonly user_id: string; readonly device_id: string } | null;
  readonly body: MessageBody;
  readonly stored_at: number;
  readonly priority: Priority;
  readonly needs_acknowledgement: boolean;
}

/** What a list shows of a message: the words, or the names of the files where there are none. */
export const headline = (content: Content): string =>
  content.text !== "" ? content.text : (content.attachments ?? []).map(({ name }) => name).join(", ");

/** A message of somebody else that I have not read, or have not acknowledged. */
export interface Attention {
  readonly sequence: number;
  readonly stored_at: number;
  readonly priority: Priority;
  readonly needs_acknowledgement: boolean;
}

export interface LastMessage {
  readonly sequence: number;
  readonly user_id: string | null;
  readonly text: string | null;
  readonly stored_at: number;
}

export interface PendingCommitRecord {
  readonly idempotency_id: string;
  readonly user_ids_added: readonly string[];
  readonly user_ids_removed: readonly string[];
  /** About those who are added. */
  readonly confirmed?: Confirmed;
}

/** A commit of this device that lost its epoch to another: what it was to do, and what was to go with it. */
export interface LostCommit {
  readonly intent: CommitIntent;
  readonly record: PendingCommitRecord | null;
}

/** A commit of this device whose answer came before its echo in the log, which shows what it did. */
export interface SettledCommit {
  readonly idempotency_id: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface ConversationRecord {
  readonly server: Conversation;
  readonly title: string | null;
  /** The last entry that was applied: the cursor. */
  readonly applied: number;
  /** Messages up to here were before this device's time. */
  readonly joined_after: number;
  readonly membership: "awaiting" | "joined" | "removed";
  readonly last: LastMessage | null;
  /** My own marks, with those the server has not heard of yet; of acknowledgements only what it has (MSG-6). */
  readonly mine: ReceiptMarks;
  /** Others' messages after my read mark, as far as they are counted. */
  readonly unread: number;
  /** Those, and what waits for my acknowledgement, as far as there is room. */
  readonly attention: readonly Attention[];
  /** Something more urgent than routine found no room there: it is looked for again once my marks move. */
  readonly crowded?: boolean;
  /** The server proposed a removal: the next sender commits it first. */
  readonly needs_commit: boolean;
  readonly pending_commit: PendingCommitRecord | null;
  readonly settled?: readonly SettledCommit[];
  /** A device in it is not in the device log (ENC-8): it is not followed, and nothing is sent, until that is proven. */
  readonly untrusted?: boolean;
}

export interface OutboxRecord {
  readonly id: string;
  readonly conversation_id: string;
  readonly content: Content;
  readonly priority: Priority;
  readonly needs_acknowledgement: boolean;
  /** Encrypted for an epoch, and to be sent as it is for as long as that epoch lasts. */
  readonly prepared: { readonly epoch: number; readonly message: string } | null;
  readonly state: "queued" | "sent" | "failed";
  readonly sequence?: number;
  readonly failure?: Failure;
}

/** Why the server did not take something. */
export interface Failure {
  readonly code: string;
  readonly detail: string;
}

/** An acknowledgement of mine that the server does not have: it is on its way, or was refused. */
export interface AcknowledgementRecord {
  readonly conversation_id: string;
  /** Of this message and of all before it. */
  readonly sequence: number;
  readonly failure?: Failure;
}

export function newConversationRecord(server: Conversation, membership: ConversationRecord["membership"], applied: number): ConversationRecord {
  return {
    server,
    title: null,
    applied,
    joined_after: applied,
    membership,
    last: null,
    mine: mergeMarks({ delivered: 0, read: 0, acknowledged: 0 }, server.mine),
    unread: 0,
    attention: [],
    needs_commit: false,
    pending_commit: null,
  };
}

/** High-water marks never go back, whoever reports them. */
export function mergeMarks(left: ReceiptMarks, right: Partial<ReceiptMarks>): ReceiptMarks {
  const read = Math.max(left.read, right.read ?? 0, right.acknowledged ?? 0);
  return {
    delivered: Math.max(left.delivered, right.delivered ?? 0, read),
    read,
    acknowledged: Math.max(left.acknowledged, right.acknowledged ?? 0),
  };
}

const RANK: Record<Priority, number> = { critical: 2, urgent: 1, routine: 0 };

/** The most critical first; among equals, whoever has waited longest. */
export const byUrgency = (left: Attention, right: Attention): number => RANK[right.priority] - RANK[left.priority] || left.stored_at - right.stored_at;

/** What waits most urgently for me here, if it is more than an unread routine message. */
export function mostPressing({ attention, mine }: Pick<ConversationRecord, "attention" | "mine">): Attention | null {
  const pressing = attention.filter((item) => item.needs_acknowledgement || (item.sequence > mine.read && item.priority !== "routine"));
  return pressing.sort(byUrgency)[0] ?? null;
}

/** What the person has done already about a message that wants to be acknowledged, if the server does not have it yet. */
export const acknowledgementOf = (sequence: number, given: readonly AcknowledgementRecord[]): AcknowledgementRecord | null =>
  given.find((item) => item.sequence >= sequence && item.failure === undefined) ?? given.find((item) => item.sequence === sequence) ?? null;

/**
 * The earliest message that waits until I acknowledge it, by its sequence. Marks are high-water marks: acknowledging a later one would
 * acknowledge this one as well, unread as it may be.
 */
export function firstToAcknowledge({ attention, mine }: Pick<ConversationRecord, "attention" | "mine">, given: readonly AcknowledgementRecord[]): number | null {
  const underWay = given.filter((item) => item.failure === undefined).map((item) => item.sequence);
  const done = Math.max(mine.acknowledged, ...underWay);
  const waiting = attention.filter((item) => item.needs_acknowledgement && item.sequence > done);
  return waiting.length === 0 ? null : Math.min(...waiting.map((item) => item.sequence));
}

/** More unread messages than this are "99+". */
export const MOST_COUNTED = 99;
/** How many messages that are more than routine are kept at hand: what a conversation costs to read and write does not grow with them. */
export const MOST_PRESSING = 200;

/** The record after a page of new messages, or after my marks moved. */
export function withAttention(record: ConversationRecord, arrived: readonly MessageRecord[], me: string): ConversationRecord {
  const { read, acknowledged } = record.mine;
  const fresh = arrived.filter((message) => message.sender?.user_id !== me && isForReading(message.body));
  const waiting = [...record.attention, ...fresh.map(toAttention)].filter((item) => item.sequence > read || (item.needs_acknowledgement && item.sequence > acknowledged));
  const isRoutine = (item: Attention) => item.priority === "routine" && !item.needs_acknowledgement;
  // Routine messages are only counted, from the newest back; none of them takes the place of one that is more than that.
  const routine = waiting.filter(isRoutine).slice(-MOST_COUNTED - 1);
  const pressing = waiting.filter((item) => !isRoutine(item));
  const crowded = record.crowded === true || pressing.length > MOST_PRESSING;
  const attention = [...routine, ...mostUrgent(pressing)].sort((left, right) => left.sequence - right.sequence);
  const { crowded: _, ...rest } = record;
  return { ...rest, ...(crowded && { crowded }), attention, unread: attention.filter((item) => item.sequence > read).length };
}

/** As many as there is room for, and among them whatever is to be acknowledged before all others. */
function mostUrgent(pressing: readonly Attention[]): readonly Attention[] {
  if (pressing.length <= MOST_PRESSING) return pressing;
  const first = pressing.find((item) => item.needs_acknowledgement);
  const rest = pressing.filter((item) => item !== first).sort(byUrgency);
  return [...(first === undefined ? [] : [first]), ...rest].slice(0, MOST_PRESSING);
}

/** Titles, comings and goings are shown, and want nobody's attention. */
const isForReading = (body: MessageBody) => body.kind === "unreadable" || (body.kind === "content" && body.content.kind !== "title");

const toAttention = ({ sequence, stored_at, priority, needs_acknowledgement }: MessageRecord): Attention => ({
  sequence,
  stored_at,
  priority,
  needs_acknowledgement,
});
