import { beforeEach, describe, expect, it, vi } from "vitest";
import { IDBFactory } from "fake-indexeddb";
import { AMARA, type At, DoubleBrowser, DoubleServer, EVERYBODY, JONAS, PATIENTS, sitDown, Tabs, until } from "@wardline/tests/double";
import { Unreachable } from "@wardline/api";
import { findDevice } from "@wardline/store";

let server: DoubleServer;
let amara: At;
const state = () => amara.controller.state.get();

async function signInAgain(): Promise<void> {
  await amara.controller.password("amara.keller", "correct horse");
  expect(state().stage).toBe("second_factor");
  await amara.controller.totp("123456");
}

beforeEach(async () => {
  localStorage.clear();
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  amara = await sitDown(server, AMARA.user_id);
});

describe("a device", () => {
  it("is registered once with a key that cannot be exported, and proves itself afterwards (IAM-13, ENC-8)", async () => {
    const device = (await findDevice(AMARA.user_id))!;
    expect(device.certificateChain).toHaveLength(2);
    await expect(crypto.subtle.exportKey("pkcs8", device.signatureKey.privateKey)).rejects.toThrow();
    await amara.controller.end("locked");
    await signInAgain();
    expect(state().stage).toBe("ready");
    expect(server.devicesOf(AMARA.user_id)).toHaveLength(1);
    expect(amara.browser.log.filter((call) => call === "enrolDevice")).toHaveLength(1);
  });

  const kept = async () => (await indexedDB.databases()).some(({ name }) => name === `wardline-${AMARA.user_id}`);

  it("that hears that it was revoked keeps nothing, says so, and is another one when somebody signs in again (DEV-2)", async () => {
    const [old] = server.devicesOf(AMARA.user_id);
    old!.revoked_at = 1;
    expect(await kept()).toBe(true);
    amara.controller.sessionLost("device-revoked");
    expect(state()).toMatchObject({ stage: "signed_out", reason: "revoked" });
    await until(async () => !(await kept()), "what it kept to be gone");
    expect(await findDevice(AMARA.user_id)).toBeUndefined();
    await signInAgain();
    expect(state().stage).toBe("ready");
    expect(server.devicesOf(AMARA.user_id)[0]!.device_id).not.toBe(old!.device_id);
  });

  it("that was revoked while nobody was signed in keeps nothing once that shows, says so, and can be set up again as a new one (DEV-2)", async () => {
    const [old] = server.devicesOf(AMARA.user_id);
    await amara.controller.end("locked");
    old!.revoked_at = 1;
    await signInAgain();
    expect(state()).toMatchObject({ stage: "device_lost", reason: "revoked" });
    expect(await kept()).toBe(false);
    expect(await findDevice(AMARA.user_id)).toBeUndefined();
    await amara.controller.replaceDevice();
    expect(state().stage).toBe("ready");
    expect(server.devicesOf(AMARA.user_id)[0]!.device_id).not.toBe(old!.device_id);
  });

  it("whose share the server changed cannot open what it kept, and says so instead of losing it silently", async () => {
    await amara.controller.end("locked");
    server.shares.set(amara.browser.deviceId!, "Ym90aGVyLXNoYXJlLWFsdG9nZXRoZXItaGVyZQ");
    await signInAgain();
    expect(state()).toMatchObject({ stage: "device_lost", reason: "unreadable" });
  });

  it("finishes a registration whose answer was lost with the key that it has", async () => {
    const browser = new DoubleBrowser(server, { userId: JONAS.user_id, signedIn: true });
    const place: At = { ...amara, browser, disk: new IDBFactory(), tabs: new Tabs() };
    const real = server.devices.set.bind(server.devices);
    // The server takes it in, and the answer is lost.
    browser.before = (call, [request]) => {
      if (call !== "enrolDevice") return;
      const { device_id, name } = request as { device_id: string; name: string };
      real(device_id, { device_id, user_id: JONAS.user_id, name, created_at: 0, last_seen_at: 0, certificate: "AAAA" });
      server.shares.set(device_id, "c2hhcmVzaGFyZXNoYXJlc2hhcmVzaGFyZXNoYXJl");
      throw new Unreachable();
    };
    await expect(sitDown(server, JONAS.user_id, { after: place })).rejects.toThrow("not ready");
    const kept = (await findDevice(JONAS.user_id))!;
    browser.before = () => undefined;
    await sitDown(server, JONAS.user_id, { after: place });
    expect(server.devicesOf(JONAS.user_id).map((device) => device.device_id)).toEqual([kept.deviceId]);
  });
});

describe("a new device", () => {
  it("is ready only when colleagues can write to it", () => {
    expect(server.keyPackages.get(amara.browser.deviceId!)!.length).toBeGreaterThan(0);
    expect(server.lastResort.has(amara.browser.deviceId!)).toBe(true);
  });
});

describe("a session", () => {
  it("that ends keeps drafts for the next one, sealed", async () => {
    const ready = state();
    if (ready.stage !== "ready") throw new Error("not ready");
    ready.workspace.drafts.save("c", { text: "Half a thou", priority: "urgent", needsAcknowledgement: false });
    amara.controller.sessionLost("session-required");
    await until(() => state().stage === "signed_out");
    expect(state()).toMatchObject({ reason: "expired", username: "amara.keller" });
    await signInAgain();
    const again = state();
    expect(again.stage === "ready" && again.workspace.drafts.get("c")).toMatchObject({ text: "Half a thou", priority: "urgent" });
  });

  it("remembers the name when it was locked, and forgets it when somebody signed out", async () => {
    await amara.controller.end("locked");
    expect(state()).toMatchObject({ username: "amara.keller" });
    await signInAgain();
    await amara.controller.end("signed-out");
    expect(state()).toMatchObject({ username: "" });
  });

  it("that could not be ended off line is ended before anything else next time", async () => {
    amara.browser.goOffline();
    await amara.controller.end("signed-out");
    amara.browser.online = true;
    amara.browser.log.length = 0;
    await amara.controller.start();
    expect(amara.browser.log).toEqual(["signOut", "session"]);
    expect(state().stage).toBe("signed_out");
  });

  it("that could not be ended off line does not take the next one with it", async () => {
    amara.browser.goOffline();
    await amara.controller.end("signed-out");
    amara.browser.online = true;
    await signInAgain();
    await amara.controller.start();
    expect(state().stage).toBe("ready");
  });

  it("that ends is ended at the server at once, however long this tab takes to put everything away: by then the next one may have begun", async () => {
    let answer = () => undefined as void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    amara.browser.before = (call) => (call === "deviceLogCheckpoint" ? held : undefined);
    amara.browser.log.length = 0;
    void amara.workspace.commands.run("checkDeviceLog", null).catch(() => undefined);
    await until(() => amara.browser.log.includes("deviceLogCheckpoint"));
    const ending = amara.controller.end("locked");
    await until(() => amara.browser.log.includes("signOut"), "the server to be told");
    amara.browser.before = () => undefined;
    await signInAgain();
    answer();
    await ending;
    await expect(amara.browser.api.session()).resolves.toMatchObject({ session: { stage: "device_bound" } });
    expect(state().stage).toBe("ready");
  });

  it("says that the server is away, and not that the password is wrong", async () => {
    amara.browser.online = false;
    await amara.controller.start();
    expect(state().stage).toBe("unreachable");
    await expect(amara.controller.password("amara.keller", "correct horse")).rejects.toThrow(Unreachable);
  });

  it("refuses a wrong password and a wrong code without leaving the step", async () => {
    await amara.controller.end("signed-out");
    await expect(amara.controller.password("amara.keller", "no")).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(state().stage).toBe("signed_out");
    await amara.controller.password("amara.keller", "correct horse");
    await expect(amara.controller.totp("000000")).rejects.toMatchObject({ code: "wrong-code" });
    expect(state().stage).toBe("second_factor");
  });

  it("that ends in one tab ends in all of them", async () => {
    const second = await sitDown(server, AMARA.user_id, { after: amara });
    await amara.controller.end("idle");
    await until(() => second.controller.state.get().stage === "signed_out", "the second tab");
    expect(second.controller.state.get()).toMatchObject({ reason: "idle" });
    // Told once, by the tab in which somebody ended it: whoever tells it later may end the next one.
    expect(amara.browser.log.filter((call) => call === "signOut")).toHaveLength(1);
  });

  it("goes on in every tab while somebody is active in one of them (IAM-12)", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const second = await sitDown(server, AMARA.user_id, { after: amara });
    vi.setSystemTime(Date.now() + 600_000);
    expect(second.workspace.presence.idleMilliseconds()).toBe(600_000);
    amara.workspace.presence.touch();
    await until(() => second.workspace.presence.idleMilliseconds() === 0, "the other tab to hear of it", 1000);
    vi.useRealTimers();
  });
});
