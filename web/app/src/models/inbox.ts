/** The inbox as sections of rows: what needs me first, then patients, then people and roles. */
import type { Patient, Person } from "@wardline/api";
import { type AcknowledgementRecord, type Attention, byUrgency, type ConversationRecord, headline, type Inbox, type Known, type MessageRecord, MOST_COUNTED, mostPressing } from "@wardline/messaging";
import { t } from "../text/index.ts";
import { initials, isolated, personName, roleLine, shortPatientName } from "./names.ts";

export interface InboxRow {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly face: { readonly text: string; readonly kind: "person" | "group" | "patient" };
  readonly at: number;
  readonly unread: number;
  /** The most pressing thing that waits here, if it is more than an unread routine message. */
  readonly pressing: Attention | null;
  readonly hint: "draft" | "queued" | "failed" | "preparing" | "held" | "acknowledging" | "unacknowledged" | null;
  readonly onCall: boolean;
}

export interface InboxSection {
  readonly kind: "needsYou" | "patients" | "people";
  readonly rows: readonly InboxRow[];
}

export interface InboxInput {
  readonly inbox: Inbox;
  readonly known: Known;
  readonly me: string;
  readonly drafts: readonly string[];
  /** Where a draft leaves by itself as soon as its files are uploaded. */
  readonly departing?: ReadonlySet<string>;
  /** The conversation that is open, and how the list looked: reading it must not make it jump away from under the eye. */
  readonly open?: string | null;
  readonly before?: readonly InboxSection[];
}

export function inboxSections(input: InboxInput): InboxSection[] {
  const rows = [...input.inbox.conversations.values()].map((record) => ({ record, row: inboxRow(record, input) }));
  const needsYou = rows.filter(({ row }) => row.pressing !== null).sort((left, right) => byUrgency(left.row.pressing!, right.row.pressing!));
  const held = heldPlace(input);
  const stays = held === -1 ? undefined : rows.find(({ row }) => row.id === input.open && row.pressing === null);
  if (stays !== undefined) needsYou.splice(held, 0, stays);
  const others = rows.filter((item) => item.row.pressing === null && item !== stays).sort((left, right) => right.row.at - left.row.at);
  const sections: InboxSection[] = [
    { kind: "needsYou", rows: needsYou.map(({ row }) => row) },
    { kind: "patients", rows: others.filter(({ record }) => record.server.patient !== null).map(({ row }) => row) },
    { kind: "people", rows: others.filter(({ record }) => record.server.patient === null).map(({ row }) => row) },
  ];
  return sections.filter((section) => section.rows.length > 0);
}

/** Where the open conversation stood among those that need me, or -1. */
const heldPlace = ({ open, before = [] }: InboxInput): number =>
  before.find((section) => section.kind === "needsYou")?.rows.findIndex((row) => row.id === open) ?? -1;

/** How many conversations want something of me. */
export const needCount = (sections: readonly InboxSection[]): number =>
  sections.flatMap((section) => section.rows).filter((row) => row.pressing !== null).length;

/** How many conversations have something that I have not read or answered. */
export const waitingCount = (sections: readonly InboxSection[]): number =>
  sections.flatMap((section) => section.rows).filter((row) => row.pressing !== null || row.unread > 0).length;

/** How many, as far as they are counted. */
export const counted = (unread: number): string => (unread > MOST_COUNTED ? `${MOST_COUNTED}+` : String(unread));

/** Rows from top to bottom, for j and k. */
export const rowOrder = (sections: readonly InboxSection[]): string[] => sections.flatMap((section) => section.rows.map((row) => row.id));

export function otherMembers(record: ConversationRecord, me: string): string[] {
  return record.server.members.map((member) => member.user_id).filter((id) => id !== me);
}

export function conversationTitle(record: ConversationRecord, known: Known, me: string): string {
  if (record.title !== null && record.title !== "") return isolated(record.title);
  const names = otherMembers(record, me).map((id) => isolated(known.people.get(id)?.name ?? t.common.unknownPerson));
  if (names.length === 0) return t.common.you;
  return names.length <= 2 ? names.join(", ") : `${names.slice(0, 2).join(", ")} +${names.length - 2}`;
}

function inboxRow(record: ConversationRecord, { inbox, known, me, drafts, departing }: InboxInput): InboxRow {
  const id = record.server.conversation_id;
  const patient = record.server.patient === null ? undefined : known.patients.get(record.server.patient.patient_id);
  const people = otherMembers(record, me).flatMap((user) => known.people.get(user) ?? []);
  const outgoing = inbox.outgoing.get(id) ?? [];
  const newest = outgoing.at(-1);
  const waiting = inbox.pressing.get(id);
  const latest = Math.max(record.last?.stored_at ?? record.server.created_at, newest?.content.sent_at ?? 0);
  return {
    id,
    title: rowTitle(record, known, me, patient),
    // What somebody waits for an answer to is not hidden by what was said after it, least of all by what I said myself.
    subtitle: waiting !== undefined ? said(waiting, record, known) : newest !== undefined ? t.inbox.youSaid(preview(headline(newest.content))) : subtitle(record, known, me, people),
    face: conversationFace(record, known, me),
    at: waiting?.stored_at ?? latest,
    unread: record.unread,
    pressing: mostPressing(record),
    hint: hint(record, departing?.has(id) ? ["queued"] : outgoing.map((item) => item.state), drafts.includes(id), inbox.acknowledging.get(id) ?? []),
    onCall: record.server.kind === "direct" && (people[0]?.on_call.length ?? 0) > 0,
  };
}

function rowTitle(record: ConversationRecord, known: Known, me: string, patient: Patient | undefined): string {
  const title = conversationTitle(record, known, me);
  return patient === undefined ? title : `${shortPatientName(patient)} · ${title}`;
}

function subtitle(record: ConversationRecord, known: Known, me: string, people: readonly Person[]): string {
  if (record.membership === "awaiting") return t.inbox.preparing;
  const { last } = record;
  const role = people.length === 1 && record.server.patient === null ? roleLine(people[0]!) : t.inbox.noMessages;
  if (last === null) return role;
  const text = preview(last.text ?? t.conversation.unreadable["newer-version"]);
  return last.user_id === me ? t.inbox.youSaid(text) : saidBy(last.user_id, text, record, known);
}

function said({ sender, body }: MessageRecord, record: ConversationRecord, known: Known): string {
  const text = body.kind === "content" ? headline(body.content) : body.kind === "unreadable" ? t.conversation.unreadable[body.reason] : "";
  return saidBy(sender?.user_id ?? null, preview(text), record, known);
}

/** Where there is only one other person, the title says who it is. */
function saidBy(userId: string | null, text: string, record: ConversationRecord, known: Known): string {
  const isDirect = record.server.kind === "direct" && record.server.patient === null;
  const sender = userId === null ? undefined : known.people.get(userId);
  return isDirect || sender === undefined ? text : `${personName(sender)}: ${text}`;
}

/** On one line, and in its own direction. */
const preview = (text: string) => isolated(text.replaceAll(/\s+/g, " "));

export function conversationFace(record: ConversationRecord, known: Known, me: string): InboxRow["face"] {
  const patient = record.server.patient === null ? undefined : known.patients.get(record.server.patient.patient_id);
  const people = otherMembers(record, me).flatMap((user) => known.people.get(user) ?? []);
  if (patient !== undefined) return { text: (patient.family_name.slice(0, 1) + patient.given_name.slice(0, 1)).toUpperCase(), kind: "patient" };
  if (people.length === 1 && record.server.kind === "direct") return { text: initials(people[0]!.name), kind: "person" };
  return { text: initials(conversationTitle(record, known, me)), kind: "group" };
}

function hint(record: ConversationRecord, outgoing: readonly string[], hasDraft: boolean, acknowledging: readonly AcknowledgementRecord[]): InboxRow["hint"] {
  const given = acknowledging.filter((item) => item.sequence > record.mine.acknowledged);
  if (record.untrusted) return "held";
  if (given.some((item) => item.failure !== undefined)) return "unacknowledged";
  if (outgoing.includes("failed")) return "failed";
  if (given.length > 0) return "acknowledging";
  if (outgoing.includes("queued")) return "queued";
  if (record.membership === "awaiting") return "preparing";
  return hasDraft ? "draft" : null;
}
