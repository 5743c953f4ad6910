import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, MARCUS, OKAFOR, PATIENTS, ROSA, SAMIR, sitDown, until } from "@wardline/tests/double";
import { createLocalKey, deriveStoreKey, SealedStore } from "@wardline/store";
import { addressed, type AttachedPatient, type Draft, Drafts, EMPTY_NEW_DRAFT, type NewDraft } from "./drafts.ts";

const draft = (text: string): Draft => ({ text, priority: "routine", needsAcknowledgement: false });

describe("a draft", () => {
  it("that could not be written is not forgotten: it is written when there is room again", async () => {
    const store = await SealedStore.open("full-disk", await deriveStoreKey(await createLocalKey(), new Uint8Array(32), "records"));
    const write = store.write.bind(store);
    const drafts = new Drafts(store, () => undefined);
    store.write = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
    drafts.save("c", draft("Half a thou"));
    await expect(drafts.flush()).rejects.toThrow("full");
    store.write = write;
    await drafts.close();
    const again = new Drafts(store, () => undefined);
    await again.load();
    expect(again.get("c")?.text).toBe("Half a thou");
  });
});

describe("whom a new message is for and about", () => {
  const attached = (patient: typeof ROSA): AttachedPatient => ({ patient, match_id: patient.patient_id, matched_on: ["mrn", "birth_date"] });
  const to = (...userIds: string[]) => ({ userIds });
  const [samir, marcus] = [to(SAMIR.user_id), to(MARCUS.user_id)];
  const begun: NewDraft = { ...EMPTY_NEW_DRAFT, ...samir, patient: attached(ROSA), text: "Potassium 6.8" };

  it("is whoever was picked, and nobody else, while nothing is written (SAF-4)", () => {
    expect(addressed({ ...EMPTY_NEW_DRAFT, ...samir, patient: attached(ROSA), priority: "critical" }, marcus, false)).toEqual({ ...EMPTY_NEW_DRAFT, ...marcus });
    expect(addressed({ ...EMPTY_NEW_DRAFT, ...samir }, { patient: attached(OKAFOR) }, false)).toEqual({ ...EMPTY_NEW_DRAFT, patient: attached(OKAFOR) });
  });

  it("does not change under words, a subject or files: what was picked stands beside them until the person has decided (SAF-1, SAF-4)", () => {
    expect(addressed(begun, marcus, false)).toEqual({ ...begun, instead: { ...marcus, patient: null } });
    expect(addressed(begun, { patient: attached(OKAFOR) }, false)).toEqual({ ...begun, instead: { userIds: [], patient: attached(OKAFOR) } });
    expect(addressed({ ...EMPTY_NEW_DRAFT, ...samir, title: "Bed 12" }, marcus, false)).toMatchObject({ ...samir, title: "Bed 12", instead: marcus });
    expect(addressed({ ...EMPTY_NEW_DRAFT, ...samir }, marcus, true)).toMatchObject({ ...samir, instead: marcus });
    // Words that were about nobody in particular do not become words about somebody either.
    expect(addressed({ ...begun, patient: null }, { patient: attached(ROSA) }, false)).toMatchObject({ patient: null, instead: { patient: attached(ROSA) } });
    // Whoever is picked last is whom it is about.
    expect(addressed({ ...begun, instead: { ...marcus, patient: null } }, to(JONAS.user_id), false).instead).toEqual({ ...to(JONAS.user_id), patient: null });
  });

  it("is not asked about where it is the same, or where there was nobody yet", () => {
    expect(addressed({ ...begun, instead: { ...marcus, patient: null } }, samir, false)).toEqual(begun);
    expect(addressed(begun, { patient: attached(ROSA) }, false)).toEqual(begun);
    expect(addressed({ ...begun, userIds: [] }, marcus, false)).toEqual({ ...begun, ...marcus });
  });
});

describe("a draft in two tabs", () => {
  let one: At["workspace"];
  let two: At["workspace"];
  beforeEach(async () => {
    const server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
    const amara = await sitDown(server, AMARA.user_id);
    one = amara.workspace;
    two = (await sitDown(server, AMARA.user_id, { after: amara })).workspace;
  });

  it("is the same in both, and gone from both once it was sent from one", async () => {
    one.drafts.save("c", draft("Give 5 mg"));
    await one.drafts.flush();
    await until(() => two.drafts.get("c")?.text === "Give 5 mg", "the other tab to have it");
    expect(two.drafts.begun.get()).toEqual(["c"]);
    await one.drafts.clear("c");
    await until(() => two.drafts.get("c") === undefined, "the other tab to have let go of it");
    expect(two.drafts.rewritten.get().get("c")).toBe(2);
  });

  it("stays as it is where somebody is writing it", async () => {
    two.drafts.save("c", draft("Give 5 mg now"));
    one.drafts.save("c", draft("Give"));
    await one.drafts.flush();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(two.drafts.get("c")?.text).toBe("Give 5 mg now");
  });
});
