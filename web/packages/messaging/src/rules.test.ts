import { describe, expect, it } from "vitest";
import { ANNA_ONCOLOGY, ANNA_SURGERY, SAMIR, SARA } from "@wardline/tests/double";
import type { Conversation } from "@wardline/api";
import { createLocalKey, deriveStoreKey, SealedStore } from "@wardline/store";
import { afterMarks } from "./core.ts";
import { derFromRaw } from "./ecdsa.ts";
import { answersTo, plainName, reviewRecipients } from "./prompts.ts";
import { firstToAcknowledge, type MessageRecord, MOST_COUNTED, MOST_PRESSING, mostPressing, newConversationRecord, withAttention } from "./records.ts";
import { uuidv7 } from "./uuid.ts";

const permit = { permit: true, obligations: [] };
const confirmed = (person: typeof SAMIR) => ({ ...person, contact: "confirmed" as const });

describe("prompts before a first message", () => {
  it("ask nothing about people whom the sender knows", () => {
    expect(reviewRecipients([confirmed(SAMIR), confirmed(SARA)], [], permit)).toEqual([]);
  });

  it("ask once about a person met for the first time (CH-10)", () => {
    const prompts = reviewRecipients([SAMIR], [], { permit: true, obligations: [{ kind: "confirm_contact", user_id: SAMIR.user_id, text: "" }] });
    expect(prompts).toEqual([{ kind: "first_contact", person: SAMIR }]);
  });

  it("name what tells two people of one name apart, instead of a general warning (SAF-4)", () => {
    const prompts = reviewRecipients([ANNA_ONCOLOGY], [{ user_id: ANNA_ONCOLOGY.user_id, look_alikes: [ANNA_SURGERY] }], permit);
    expect(prompts).toEqual([{ kind: "look_alike", person: ANNA_ONCOLOGY, others: [ANNA_SURGERY], sameName: true, differsBy: "service" }]);
  });

  it("fall back to the next fact when the service is the same", () => {
    const twin = { ...ANNA_SURGERY, service: ANNA_ONCOLOGY.service };
    const similar = [{ user_id: ANNA_ONCOLOGY.user_id, look_alikes: [twin] }];
    expect(reviewRecipients([ANNA_ONCOLOGY], similar, permit)[0]).toMatchObject({ differsBy: "role" });
    const closer = { ...twin, role_title: ANNA_ONCOLOGY.role_title, location: ANNA_ONCOLOGY.location };
    expect(reviewRecipients([ANNA_ONCOLOGY], [{ ...similar[0]!, look_alikes: [closer] }], permit)[0]).toMatchObject({ differsBy: "username" });
  });

  it("pass on the server's questions, without the ids of its rules (SAF-4)", () => {
    const obligations = [{ kind: "confirm_cross_service" as const, user_id: SAMIR.user_id, text: "This person works in another service (SAF-4)." }];
    expect(reviewRecipients([confirmed(SAMIR)], [], { permit: true, obligations })).toEqual([{ kind: "cross_service", person: confirmed(SAMIR), text: "This person works in another service." }]);
  });

  it("ask for one reason, whatever number of rules want it and of people it is about (IAM-6, MSG-8)", () => {
    const [samir, sara] = [confirmed(SAMIR), confirmed(SARA)];
    const outside = "This person is not on the patient's care team (MSG-8).";
    const prompts = reviewRecipients([samir, sara], [], {
      permit: true,
      obligations: [
        { kind: "reason", user_id: SAMIR.user_id, text: "Residents say why they write to another service (IAM-6)." },
        { kind: "reason", user_id: SAMIR.user_id, text: outside },
        { kind: "reason", user_id: SARA.user_id, text: outside },
      ],
    });
    expect(prompts).toEqual([
      {
        kind: "reason",
        asked: [
          { text: "Residents say why they write to another service.", people: [samir] },
          { text: "This person is not on the patient's care team.", people: [samir, sara] },
        ],
      },
    ]);
  });

  it("become answers about the people whom they asked about, and about nobody else (SAF-4, MSG-8)", () => {
    const prompts = reviewRecipients([SAMIR, SARA], [], {
      permit: true,
      obligations: [
        { kind: "confirm_contact", user_id: SARA.user_id, text: "" },
        { kind: "confirm_cross_service", user_id: SAMIR.user_id, text: "" },
        { kind: "reason", user_id: SAMIR.user_id, text: "one rule" },
        { kind: "reason", user_id: SAMIR.user_id, text: "another" },
      ],
    });
    expect(answersTo(prompts, "on-call")).toEqual({ cross_service: [SAMIR.user_id], reason: { word: "on-call", user_ids: [SAMIR.user_id] } });
    expect(answersTo(prompts, null)).toEqual({ cross_service: [SAMIR.user_id] });
    expect(answersTo([], "other"), "nobody asked").toEqual({});
  });

  it("read names without case, accents and titles", () => {
    expect(plainName("Dr. Tomás RIVERA, MD")).toBe(plainName("tomas rivera"));
    expect(plainName("Ann Roe")).not.toBe(plainName("Anna Roe"));
    expect(plainName("דנה כהן")).not.toBe(plainName("יוסי לוי"));
  });
});

describe("what waits for somebody in a conversation", () => {
  const server: Conversation = {
    conversation_id: "c", kind: "direct", created_at: 0, created_by: SAMIR.user_id, epoch: 1, last_sequence: 9, members: [], patient: null, cipher_suite: 2, state: "active",
    mine: { delivered: 0, read: 0, acknowledged: 0 },
  };
  const empty = newConversationRecord(server, "joined", 0);
  const message = (sequence: number, priority: MessageRecord["priority"] = "routine", needs_acknowledgement = false): MessageRecord => ({
    sequence, id: `m${sequence}`, sender: { user_id: SARA.user_id, device_id: "d" }, body: { kind: "content", content: { v: 1, kind: "text", text: "", sent_at: 0 } }, stored_at: sequence, priority, needs_acknowledgement,
  });
  const several = (count: number, from: number, make: (sequence: number) => MessageRecord) => Array.from({ length: count }, (_, index) => make(from + index));

  it("does not grow with unread messages, and none of them takes the place of one that is urgent", () => {
    const messages = [message(1, "urgent"), ...several(5000, 2, message)];
    const record = messages.reduce((before, one) => withAttention(before, [one], "me"), empty);
    expect(record.attention).toHaveLength(1 + MOST_COUNTED + 1);
    expect(record.unread).toBeGreaterThan(MOST_COUNTED);
    expect(mostPressing(record)?.sequence).toBe(1);
    expect(record.crowded).toBeUndefined();
    // From where the newest are known they are counted exactly.
    expect(withAttention({ ...record, mine: { delivered: 4990, read: 4990, acknowledged: 0 } }, [], "me")).toMatchObject({ unread: 11 });
  });

  it("has the critical and the earliest to acknowledge at hand, however many urgent ones there are", () => {
    const record = withAttention(empty, [message(1, "urgent", true), ...several(MOST_PRESSING * 2, 2, (at) => message(at, "urgent", true)), message(900, "critical", true)], "me");
    expect(record.attention).toHaveLength(MOST_PRESSING);
    expect(record.crowded).toBe(true);
    expect(mostPressing(record)?.sequence).toBe(900);
    expect(firstToAcknowledge(record, [])).toBe(1);
  });

  it("is found again among the messages once there is room for it (MSG-6)", async () => {
    const store = await SealedStore.open("crowd", await deriveStoreKey(await createLocalKey(), new Uint8Array(32), "records"));
    const messages = several(MOST_PRESSING * 2, 1, (at) => message(at, "critical", true));
    await store.write(messages.map((value) => ({ table: "messages", key: ["c", value.sequence], value })));
    const core = { store, me: { userId: "me", deviceId: "d" } };
    let record = withAttention(empty, messages, "me");
    for (const acknowledged of [MOST_PRESSING, MOST_PRESSING * 2 - 1]) {
      record = await afterMarks(core, { ...record, mine: { delivered: 999, read: 999, acknowledged } });
      expect(firstToAcknowledge(record, [])).toBe(acknowledged + 1);
    }
    expect(record.attention).toHaveLength(1);
    expect(record.crowded).toBeUndefined();
    store.close();
  });
});

describe("ids", () => {
  it("sort by time, also within a millisecond and when the clock steps back", () => {
    const ids = [...Array.from({ length: 3000 }, () => uuidv7(1_700_000_000_000)), uuidv7(1_699_999_999_000), uuidv7(1_700_000_001_000)];
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("signatures", () => {
  it("become DER with shortest, positive integers", () => {
    const raw = new Uint8Array(64);
    raw[31] = 0x7f;
    raw[32] = 0x80;
    expect([...derFromRaw(raw)]).toEqual([0x30, 3 + 35, 0x02, 1, 0x7f, 0x02, 33, 0x00, 0x80, ...new Array<number>(31).fill(0)]);
  });
});
