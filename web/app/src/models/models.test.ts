import { describe, expect, it } from "vitest";
import type { Conversation, ConversationMember } from "@wardline/api";
import { type ConversationRecord, type Inbox, type Known, type MessageRecord, newConversationRecord, type OutboxRecord, type ThreadState } from "@wardline/messaging";
import { AMARA, JONAS, ROSA, SAMIR, WEI } from "@wardline/tests/double";
import { messageDelivery, outgoingDelivery } from "./delivery.ts";
import { conversationTitle, inboxSections, needCount, rowOrder } from "./inbox.ts";
import { ageAndSex, initials, isolated, maskedMrn, patientName } from "./names.ts";
import { threadItems } from "./thread.ts";
import { age, dayName, elapsed, listTime, minutesAndSeconds } from "./time.ts";

const MINUTE = 60_000_000;
const at = (text: string) => new Date(text).getTime() * 1000;
const NOW = at("2026-03-15T02:41:00");
const me = AMARA.user_id;

const member = (user_id: string, marks: Partial<ConversationMember> = {}): ConversationMember => ({ user_id, joined_sequence: 1, devices: 1, delivered: 0, read: 0, acknowledged: 0, ...marks });

function conversation(id: string, others: ConversationMember[], more: Partial<ConversationRecord> = {}, patient: Conversation["patient"] = null): ConversationRecord {
  const server: Conversation = {
    conversation_id: id, kind: others.length > 1 ? "group" : "direct", created_at: NOW - 100 * MINUTE, created_by: me, epoch: 1, last_sequence: 9,
    members: [member(me), ...others], patient, cipher_suite: 2, state: "active", mine: { delivered: 0, read: 0, acknowledged: 0 },
  };
  return { ...newConversationRecord(server, "joined", 1), ...more };
}

let counter = 0;
const message = (sequence: number, from: string, more: Partial<MessageRecord> = {}): MessageRecord => ({
  sequence, id: `m${(counter += 1)}`, sender: { user_id: from, device_id: "d" }, stored_at: NOW - (100 - sequence) * MINUTE, priority: "routine", needs_acknowledgement: false,
  body: { kind: "content", content: { v: 1, kind: "text", text: `text ${sequence}`, sent_at: 0 } }, ...more,
});

const known: Known = { people: new Map([AMARA, JONAS, WEI, SAMIR].map((person) => [person.user_id, person])), patients: new Map([[ROSA.patient_id, ROSA]]) };
const inboxOf = (...records: ConversationRecord[]): Inbox => ({ loaded: true, conversations: new Map(records.map((record) => [record.server.conversation_id, record])), pressing: new Map(), outgoing: new Map(), acknowledging: new Map() });
const last = (minutesAgo: number) => ({ sequence: 5, user_id: JONAS.user_id, text: "hello", stored_at: NOW - minutesAgo * MINUTE });
const attention = (priority: "routine" | "urgent" | "critical", needs_acknowledgement: boolean, minutesAgo = 5) => [{ sequence: 5, stored_at: NOW - minutesAgo * MINUTE, priority, needs_acknowledgement }];

describe("the inbox", () => {
  const routine = conversation("routine", [member(JONAS.user_id)], { last: last(1) });
  const about = conversation("about", [member(WEI.user_id), member(JONAS.user_id)], { last: last(30) }, { patient_id: ROSA.patient_id, matched_on: [] });
  const urgent = conversation("urgent", [member(SAMIR.user_id)], { last: last(2), attention: attention("urgent", false), unread: 1 });
  const critical = conversation("critical", [member(SAMIR.user_id)], { last: last(90), attention: attention("critical", true, 90) });

  it("puts what needs me first, the critical before the urgent, whatever is newer", () => {
    const sections = inboxSections({ inbox: inboxOf(routine, about, urgent, critical), known, me, drafts: [] });
    expect(sections.map((section) => section.kind)).toEqual(["needsYou", "patients", "people"]);
    expect(rowOrder(sections)).toEqual(["critical", "urgent", "about", "routine"]);
    expect(needCount(sections)).toBe(2);
  });

  it("among equals puts first whoever has waited longest", () => {
    const waiting = (id: string, minutes: number) => conversation(id, [member(SAMIR.user_id)], { attention: attention("urgent", true, minutes) });
    expect(rowOrder(inboxSections({ inbox: inboxOf(waiting("short", 2), waiting("long", 40)), known, me, drafts: [] }))).toEqual(["long", "short"]);
  });

  it("keeps the open conversation in its place when reading it settles it, and lets it go afterwards", () => {
    const before = inboxSections({ inbox: inboxOf(routine, urgent, critical), known, me, drafts: [] });
    const read = { ...urgent, attention: [], unread: 0 };
    const input = { inbox: inboxOf(routine, read, critical), known, me, drafts: [] };
    const open = inboxSections({ ...input, open: "urgent", before });
    expect(rowOrder(open)).toEqual(["critical", "urgent", "routine"]);
    expect(needCount(open)).toBe(1);
    expect(rowOrder(inboxSections({ ...input, open: null, before: open }))).toEqual(["critical", "routine", "urgent"]);
  });

  it("names the patient, the sender and what has not left", () => {
    const [section] = inboxSections({ inbox: inboxOf(about), known, me, drafts: [] });
    expect(section!.rows[0]).toMatchObject({ title: "R. Alvarez · Wei Chen, Jonas Park", subtitle: "Jonas Park: hello", face: { text: "AR", kind: "patient" } });
    const queued: OutboxRecord = { id: "o", conversation_id: "routine", content: { v: 1, kind: "text", text: "On my way", sent_at: NOW }, priority: "routine", needs_acknowledgement: false, prepared: null, state: "failed" };
    const inbox = { ...inboxOf(routine), outgoing: new Map([["routine", [queued]]]) };
    expect(inboxSections({ inbox, known, me, drafts: ["routine"] })[0]!.rows[0]).toMatchObject({ subtitle: "You: On my way", hint: "failed" });
    expect(inboxSections({ inbox: inboxOf(routine), known, me, drafts: ["routine"] })[0]!.rows[0]!.hint).toBe("draft");
  });

  it("shows what waits most urgently and who said it, whatever was said after it (MSG-6)", () => {
    const mine = { sequence: 7, user_id: me, text: "Seeing her now", stored_at: NOW - MINUTE };
    const potassium = message(5, WEI.user_id, { priority: "critical", needs_acknowledgement: true, stored_at: NOW - 9 * MINUTE });
    const row = (record: ConversationRecord, more: Partial<Inbox> = {}) => inboxSections({ inbox: { ...inboxOf(record), pressing: new Map([[record.server.conversation_id, potassium]]), ...more }, known, me, drafts: [] })[0]!.rows[0]!;
    const group = conversation("g", [member(WEI.user_id), member(JONAS.user_id)], { last: mine, attention: attention("critical", true, 9) });
    expect(row(group)).toMatchObject({ subtitle: "Wei Chen: text 5", at: NOW - 9 * MINUTE, pressing: { priority: "critical" } });
    expect(row(conversation("d", [member(WEI.user_id)], { last: mine, attention: attention("critical", true, 9) })).subtitle).toBe("text 5");
    // Nor by what I have said and what did not leave, which is said all the same.
    const failed: OutboxRecord = { id: "o", conversation_id: "g", content: { v: 1, kind: "text", text: "Calcium is in", sent_at: NOW }, priority: "routine", needs_acknowledgement: false, prepared: null, state: "failed" };
    expect(row(group, { outgoing: new Map([["g", [failed]]]) })).toMatchObject({ subtitle: "Wei Chen: text 5", hint: "failed" });
    // Once it is acknowledged, the last word is the last word.
    expect(row({ ...group, attention: [] }, { pressing: new Map() })).toMatchObject({ subtitle: "You: Seeing her now", at: NOW - MINUTE, pressing: null });
  });

  it("says of an acknowledgement that the server does not have whether it is on its way or was refused (MSG-6)", () => {
    const record = conversation("c", [member(WEI.user_id)], { attention: attention("critical", true) });
    const row = (...given: { sequence: number; failure?: { code: string; detail: string } }[]) =>
      inboxSections({ inbox: { ...inboxOf(record), acknowledging: new Map([["c", given.map((item) => ({ conversation_id: "c", ...item }))]]) }, known, me, drafts: [] })[0]!.rows[0]!;
    expect(row()).toMatchObject({ hint: null });
    expect(row({ sequence: 5 })).toMatchObject({ hint: "acknowledging", pressing: { priority: "critical" } });
    expect(row({ sequence: 5, failure: { code: "not-permitted", detail: "" } })).toMatchObject({ hint: "unacknowledged", pressing: { priority: "critical" } });
    // Another device of mine has got it through meanwhile.
    const heard = { ...record, mine: { delivered: 5, read: 5, acknowledged: 5 } };
    expect(inboxSections({ inbox: { ...inboxOf(heard), acknowledging: new Map([["c", [{ conversation_id: "c", sequence: 5 }]]]) }, known, me, drafts: [] })[0]!.rows[0]!.hint).toBeNull();
  });

  it("keeps names and words that run from right to left to themselves, so that nothing around them changes places", () => {
    const dana = { ...JONAS, name: "דנה כהן" };
    const people: Known = { ...known, people: new Map([...known.people, [dana.user_id, dana]]) };
    const row = (record: ConversationRecord) => inboxSections({ inbox: inboxOf(record), known: people, me, drafts: [] })[0]!.rows[0]!;
    const group = conversation("g", [member(JONAS.user_id), member(WEI.user_id)], { last: { ...last(1), text: "120/80, יציב" } });
    expect(row(group)).toMatchObject({ title: "\u2068דנה כהן\u2069, Wei Chen", subtitle: "\u2068דנה כהן\u2069: \u2068120/80, יציב\u2069" });
    expect(row(conversation("d", [member(JONAS.user_id)], { last: last(1) })).face.text).toBe("דכ");
    // Nor does a name reach beyond its end by what it is made of.
    expect(isolated("Evil\u202e eman")).toBe("Evil eman");
    expect(isolated("Jonas Park")).toBe("Jonas Park");
  });

  it("falls back to names where there is no subject, and counts those that do not fit", () => {
    const group = conversation("g", [member(JONAS.user_id), member(WEI.user_id), member(SAMIR.user_id)]);
    expect(conversationTitle(group, known, me)).toBe("Jonas Park, Wei Chen +1");
    expect(conversationTitle({ ...group, title: "Night team" }, known, me)).toBe("Night team");
  });
});

describe("delivery", () => {
  const nameOf = (id: string) => known.people.get(id)!.name;
  const state = (mine: MessageRecord, ...others: ConversationMember[]) => messageDelivery(mine, conversation("c", others), me, nameOf);

  it("goes from sent to delivered to read, and says no more than is known (MSG-1)", () => {
    const mine = message(5, me);
    expect(state(mine, member(JONAS.user_id)).text).toBe("Sent");
    expect(state(mine, member(JONAS.user_id, { delivered: 5 })).text).toBe("Delivered");
    expect(state(mine, member(JONAS.user_id, { delivered: 5, read: 4 })).stage).toBe("delivered");
    expect(state(mine, member(JONAS.user_id, { delivered: 5, read: 5 })).text).toBe("Read");
  });

  it("in a group says who, and how many of how many", () => {
    const mine = message(5, me);
    expect(state(mine, member(JONAS.user_id, { delivered: 5 }), member(WEI.user_id)).text).toBe("Delivered to 1 of 2");
    expect(state(mine, member(JONAS.user_id, { delivered: 6, read: 6 }), member(WEI.user_id)).text).toBe("Read by Jonas Park");
  });

  it("does not take reading for acknowledging", () => {
    const mine = message(5, me, { needs_acknowledgement: true });
    expect(state(mine, member(JONAS.user_id, { delivered: 5, read: 5 })).text).toBe("Read · Not acknowledged yet");
    expect(state(mine, member(JONAS.user_id, { delivered: 5, read: 5, acknowledged: 5 }), member(WEI.user_id)).text).toBe("Acknowledged by 1 of 2");
  });

  it("leaves out who came later", () => {
    expect(state(message(5, me), member(JONAS.user_id, { delivered: 5, read: 5 }), member(WEI.user_id, { joined_sequence: 8 })).text).toBe("Read");
  });

  it("of what has not left says whether it waits, goes or was refused", () => {
    const record: OutboxRecord = { id: "o", conversation_id: "c", content: { v: 1, kind: "text", text: "", sent_at: 0 }, priority: "routine", needs_acknowledgement: false, prepared: null, state: "queued" };
    expect(outgoingDelivery(record, "online").stage).toBe("sending");
    expect(outgoingDelivery(record, "offline").stage).toBe("queued");
    expect(outgoingDelivery({ ...record, state: "failed", failure: { code: "x", detail: "Too large." } }, "online").text).toBe("Not sent. Too large.");
  });
});

describe("a thread", () => {
  const thread = (messages: MessageRecord[], more: Partial<ThreadState> = {}): ThreadState => ({ loaded: true, messages, outgoing: [], hasOlder: false, ...more });
  const kinds = (state: ThreadState, readBefore = 99) => threadItems({ thread: state, me, readBefore, joinedLater: false }).map((item) => item.kind);

  it("separates days and begins where the conversation begins", () => {
    const messages = [message(1, me, { stored_at: at("2026-03-14T23:59:00") }), message(2, me, { stored_at: at("2026-03-15T00:01:00") })];
    expect(kinds(thread(messages))).toEqual(["beginning", "day", "message", "day", "message"]);
    expect(kinds(thread(messages, { hasOlder: true }))).toEqual(["message", "day", "message"]);
  });

  it("marks once where the unread ones begin, never before one's own", () => {
    const messages = [message(1, JONAS.user_id), message(2, me), message(3, JONAS.user_id), message(4, JONAS.user_id)];
    expect(kinds(thread(messages), 1)).toEqual(["beginning", "day", "message", "message", "unread", "message", "message"]);
  });

  it("groups what one person says in one breath, and sets apart what wants an answer", () => {
    const messages = [message(1, JONAS.user_id), message(2, JONAS.user_id), message(3, JONAS.user_id, { needs_acknowledgement: true }), message(4, WEI.user_id)];
    const bubbles = threadItems({ thread: thread(messages), me, readBefore: 99, joinedLater: false }).filter((item) => item.kind === "message");
    expect(bubbles.map(({ first, last: final }) => [first, final])).toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  it("shows what is on its way once, also when the log has brought it already", () => {
    const sent = message(2, me, { id: "same" });
    const record: OutboxRecord = { id: "same", conversation_id: "c", content: { v: 1, kind: "text", text: "", sent_at: NOW }, priority: "routine", needs_acknowledgement: false, prepared: null, state: "sent" };
    expect(kinds(thread([sent], { outgoing: [record] })).filter((kind) => kind === "outgoing")).toEqual([]);
    expect(kinds(thread([], { outgoing: [record] }))).toContain("outgoing");
  });

  it("does not show the subject as a message", () => {
    const title = message(1, me, { body: { kind: "content", content: { v: 1, kind: "title", text: "x", title: "x", sent_at: 0 } } });
    expect(kinds(thread([title]))).toEqual(["beginning"]);
  });
});

describe("times and names", () => {
  it("are unambiguous", () => {
    expect(listTime(at("2026-03-15T00:44:00"), NOW)).toBe("00:44");
    expect(listTime(at("2026-03-14T23:00:00"), NOW)).toBe("Yesterday");
    expect(listTime(at("2026-03-11T23:00:00"), NOW)).toBe("Wed");
    expect(listTime(at("2025-11-14T23:00:00"), NOW)).toBe("14 Nov 2025");
    expect(dayName(at("2026-03-15T00:44:00"), NOW)).toBe("Today, Sunday 15 March");
  });

  it("count ages by birthdays, in months for the small", () => {
    expect(age("1955-03-14", NOW)).toBe("71 y");
    expect(age("1955-03-16", NOW)).toBe("70 y");
    expect(age("2025-09-20", NOW)).toBe("5 mo");
    expect(elapsed(NOW - 4 * MINUTE, NOW)).toBe("4 min");
    expect(elapsed(NOW - 20_000_000, NOW)).toBe("now");
    expect(minutesAndSeconds(61_000)).toBe("1:01");
  });

  it("show a patient as on a wristband and no more of the MRN than needed", () => {
    expect(patientName(ROSA)).toBe("Alvarez, Rosa");
    expect(maskedMrn(ROSA)).toBe("···4417");
    expect(ageAndSex(ROSA, NOW)).toBe("71 y, F");
    expect(initials("Tomás Rivera")).toBe("TR");
    expect(initials("Cardiology on call")).toBe("CC");
  });
});
