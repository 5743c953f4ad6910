import { describe, expect, it } from "vitest";
import { ANNA_ONCOLOGY, ANNA_SURGERY, SAMIR, SARA } from "@wardline/tests/double";
import { derFromRaw } from "./ecdsa.ts";
import { plainName, reviewRecipients } from "./prompts.ts";
import { uuidv7 } from "./uuid.ts";

const permit = { permit: true, obligations: [] };
const confirmed = (person: typeof SAMIR) => ({ ...person, contact: "confirmed" as const });

describe("prompts before a first message", () => {
  it("ask nothing about people whom the sender knows", () => {
    expect(reviewRecipients([confirmed(SAMIR), confirmed(SARA)], [], permit).prompts).toEqual([]);
  });

  it("ask once about a person met for the first time (CH-10)", () => {
    const review = reviewRecipients([SAMIR], [], { permit: true, obligations: [{ kind: "confirm_contact", user_id: SAMIR.user_id, text: "" }] });
    expect(review.prompts).toEqual([{ kind: "first_contact", person: SAMIR }]);
  });

  it("name what tells two people of one name apart, instead of a general warning (SAF-4)", () => {
    const review = reviewRecipients([ANNA_ONCOLOGY], [{ user_id: ANNA_ONCOLOGY.user_id, look_alikes: [ANNA_SURGERY] }], permit);
    expect(review.prompts).toEqual([{ kind: "look_alike", person: ANNA_ONCOLOGY, others: [ANNA_SURGERY], sameName: true, differsBy: "service" }]);
  });

  it("fall back to the next fact when the service is the same", () => {
    const twin = { ...ANNA_SURGERY, service: ANNA_ONCOLOGY.service };
    const similar = [{ user_id: ANNA_ONCOLOGY.user_id, look_alikes: [twin] }];
    expect(reviewRecipients([ANNA_ONCOLOGY], similar, permit).prompts[0]).toMatchObject({ differsBy: "role" });
    const closer = { ...twin, role_title: ANNA_ONCOLOGY.role_title, location: ANNA_ONCOLOGY.location };
    expect(reviewRecipients([ANNA_ONCOLOGY], [{ ...similar[0]!, look_alikes: [closer] }], permit).prompts[0]).toMatchObject({ differsBy: "username" });
  });

  it("pass on the server's questions and its refusal (IAM-6, CH-1)", () => {
    const denied = { code: "cross-service", text: "Residents message other services through an attending.", alternative: "Ask Dr Keller" };
    const review = reviewRecipients([confirmed(SAMIR)], [], {
      permit: false,
      denied,
      obligations: [{ kind: "confirm_cross_service", user_id: SAMIR.user_id, text: "Cardiology" }, { kind: "reason", text: "Why now?" }],
    });
    expect(review.permitted).toBe(false);
    expect(review.denied).toBe(denied);
    expect(review.prompts.map((prompt) => prompt.kind)).toEqual(["cross_service", "reason"]);
  });

  it("read names without case, accents and titles", () => {
    expect(plainName("Dr. Tomás RIVERA, MD")).toBe(plainName("tomas rivera"));
    expect(plainName("Ann Roe")).not.toBe(plainName("Anna Roe"));
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
