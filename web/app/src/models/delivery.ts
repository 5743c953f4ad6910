/** What is known of a message of mine, said honestly: sending, sent, delivered, read, acknowledged. */
import type { ConversationMember } from "@wardline/api";
import type { ConversationRecord, MessageRecord, OutboxRecord } from "@wardline/messaging";
import { listOf, t } from "../text/index.ts";

export type DeliveryStage = "queued" | "sending" | "failed" | "sent" | "delivered" | "read" | "acknowledged";

export interface Delivery {
  readonly stage: DeliveryStage;
  readonly text: string;
}

export interface RecipientState {
  readonly userId: string;
  readonly stage: "sent" | "delivered" | "read" | "acknowledged";
}

export function outgoingDelivery(record: OutboxRecord, line: "online" | "offline" | "held"): Delivery {
  if (record.state === "failed") return { stage: "failed", text: record.failure ? t.delivery.failedWhy(record.failure.detail) : t.delivery.failed };
  if (record.state === "sent") return { stage: "sent", text: t.delivery.sent };
  if (line === "held") return { stage: "queued", text: t.trust.waits };
  return line === "online" ? { stage: "sending", text: t.delivery.sending } : { stage: "queued", text: t.delivery.queued };
}

/** Each other member who was there when it was sent. */
export function recipientStates(message: MessageRecord, conversation: ConversationRecord, me: string): RecipientState[] {
  return conversation.server.members
    .filter((member) => member.user_id !== me && member.joined_sequence <= message.sequence)
    .map((member) => ({ userId: member.user_id, stage: memberStage(member, message) }));
}

export function messageDelivery(message: MessageRecord, conversation: ConversationRecord, me: string, nameOf: (userId: string) => string): Delivery {
  const states = recipientStates(message, conversation, me);
  const at = (...stages: RecipientState["stage"][]) => states.filter((state) => stages.includes(state.stage));
  const acknowledged = at("acknowledged");
  const names = (some: readonly RecipientState[]) => listOf(some.map((state) => nameOf(state.userId)));
  if (message.needs_acknowledgement && acknowledged.length > 0) return { stage: "acknowledged", text: acknowledgedText(acknowledged, states, names) };
  const suffix = message.needs_acknowledgement ? ` · ${t.delivery.notAcknowledged}` : "";
  const read = at("read", "acknowledged");
  if (read.length > 0) return { stage: "read", text: readText(read, states, names) + suffix };
  const delivered = at("delivered");
  if (delivered.length === 0) return { stage: "sent", text: t.delivery.sent + suffix };
  const all = delivered.length === states.length;
  return { stage: "delivered", text: (all ? t.delivery.delivered : t.delivery.deliveredSome(delivered.length, states.length)) + suffix };
}

function memberStage(member: ConversationMember, message: MessageRecord): RecipientState["stage"] {
  if (message.needs_acknowledgement && member.acknowledged >= message.sequence) return "acknowledged";
  if (member.read >= message.sequence) return "read";
  return member.delivered >= message.sequence ? "delivered" : "sent";
}

const SHOWN_NAMES = 3;

function readText(read: readonly RecipientState[], all: readonly RecipientState[], names: (some: readonly RecipientState[]) => string): string {
  if (all.length === 1) return t.delivery.read;
  if (read.length === all.length && all.length > 2) return t.delivery.readByAll(all.length);
  if (read.length <= SHOWN_NAMES) return t.delivery.readBy(names(read));
  return t.delivery.readBy(`${names(read.slice(0, SHOWN_NAMES - 1))} +${read.length - SHOWN_NAMES + 1}`);
}

function acknowledgedText(some: readonly RecipientState[], all: readonly RecipientState[], names: (some: readonly RecipientState[]) => string): string {
  if (all.length === 1) return t.delivery.acknowledged;
  return some.length < all.length ? t.delivery.acknowledgedSome(some.length, all.length) : t.delivery.acknowledgedBy(names(some));
}
