/** A conversation as a list of things to draw: days, the unread marker, comings and goings, bubbles in groups. */
import type { MessageRecord, OutboxRecord, ThreadState } from "@wardline/messaging";
import { dayKey } from "./time.ts";

export type ThreadItem =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "beginning"; readonly key: string; readonly joinedLater: boolean }
  | { readonly kind: "event"; readonly key: string; readonly message: MessageRecord }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: MessageRecord;
      readonly mine: boolean;
      /** First and last of a run by one person within a few minutes. */
      readonly first: boolean;
      readonly last: boolean;
    }
  | { readonly kind: "outgoing"; readonly key: string; readonly record: OutboxRecord; readonly first: boolean };

export interface ThreadInput {
  readonly thread: ThreadState;
  readonly me: string;
  /** My read mark when the conversation was opened: the marker stays put while I read. */
  readonly readBefore: number;
  readonly joinedLater: boolean;
}

const SAME_RUN = 5 * 60_000_000;

export function threadItems({ thread, me, readBefore, joinedLater }: ThreadInput): ThreadItem[] {
  const items: ThreadItem[] = [];
  if (thread.loaded && !thread.hasOlder) items.push({ kind: "beginning", key: "beginning", joinedLater });
  const shown = thread.messages.filter(isShown);
  let day = Number.NaN;
  let marked = false;
  shown.forEach((message, index) => {
    const thisDay = dayKey(message.stored_at);
    // Where earlier messages are still to be loaded, the first day's heading belongs above those: it comes with them.
    const isCut = index === 0 && thread.hasOlder;
    if (thisDay !== day && !isCut) items.push({ kind: "day", key: `day:${thisDay}`, at: message.stored_at });
    day = thisDay;
    const isUnread = message.sequence > readBefore && message.sender?.user_id !== me && isRead(message);
    if (isUnread && !marked) items.push({ kind: "unread", key: "unread" });
    marked ||= isUnread;
    items.push(isEvent(message) ? { kind: "event", key: message.id, message } : bubble(shown, index, me, items.at(-1)));
  });
  const known = new Set(shown.map((message) => message.id));
  const leaving = thread.outgoing.filter((record) => !known.has(record.id) && record.content.kind !== "title");
  leaving.forEach((record, index) => {
    const thisDay = dayKey(record.content.sent_at);
    if (thisDay !== day) items.push({ kind: "day", key: `day:${thisDay}`, at: record.content.sent_at });
    day = thisDay;
    items.push({ kind: "outgoing", key: record.id, record, first: index === 0 });
  });
  return items;
}

/** The newest sequence that reading the whole thread marks as read. */
export const newestSequence = (thread: ThreadState): number => thread.messages.at(-1)?.sequence ?? 0;

const isEvent = (message: MessageRecord) => message.body.kind === "membership" || message.body.kind === "gap";
const isRead = (message: MessageRecord) => !isEvent(message);
const isShown = (message: MessageRecord) => !(message.body.kind === "content" && message.body.content.kind === "title");

function bubble(messages: readonly MessageRecord[], index: number, me: string, before: ThreadItem | undefined): ThreadItem {
  const message = messages[index]!;
  const follows = before?.kind === "message" && isSameRun(messages[index - 1], message);
  const followed = isSameRun(message, messages[index + 1]) && dayKey(message.stored_at) === dayKey(messages[index + 1]!.stored_at);
  return { kind: "message", key: message.id, message, mine: message.sender?.user_id === me, first: !follows, last: !followed };
}

function isSameRun(earlier: MessageRecord | undefined, later: MessageRecord | undefined): boolean {
  if (earlier === undefined || later === undefined || isEvent(earlier) || isEvent(later)) return false;
  // What asks for acknowledgement stands by itself, so that its button cannot be taken for another's.
  if (earlier.needs_acknowledgement || later.needs_acknowledgement || earlier.priority !== later.priority) return false;
  return earlier.sender?.user_id === later.sender?.user_id && later.stored_at - earlier.stored_at < SAME_RUN;
}
