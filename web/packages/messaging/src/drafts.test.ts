import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, PATIENTS, sitDown, until } from "@wardline/tests/double";
import { createLocalKey, deriveStoreKey, SealedStore } from "@wardline/store";
import { type Draft, Drafts } from "./drafts.ts";

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
