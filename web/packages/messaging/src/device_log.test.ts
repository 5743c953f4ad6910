/** A server that lies about devices, against the client (ENC-8). */
import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, problem, pullThePlug, SAMIR, sitDown, sitDownTogether, until } from "@wardline/tests/double";
import { decodeContent } from "./content.ts";

let server: DoubleServer;
let amara: At;
let jonas: At;
let conversationId: string;

const text = (content: string) => ({ conversationId, content: { kind: "text" as const, text: content }, priority: "routine" as const, needsAcknowledgement: false });
const record = (at: At) => at.workspace.mailbox.inbox.get().conversations.get(conversationId);
const trust = (at: At) => at.workspace.trust.state.get();
const outgoing = (at: At) => at.workspace.mailbox.inbox.get().outgoing.get(conversationId) ?? [];
const sentBy = (userId: string) => server.rooms.get(conversationId)!.log.filter((entry) => entry.kind === "message" && entry.sender?.user_id === userId);
const problems = (userId: string) => server.reports.filter((report) => report.user_id === userId).map(({ problem }) => problem);
const reachable = (at: At) => until(() => (server.keyPackages.get(at.browser.deviceId!)?.length ?? 0) > 0, "key packages");

async function comeBack(at: At, userId: string): Promise<At> {
  await pullThePlug(at);
  return sitDown(server, userId, { after: at });
}

/** A device of this person that the server made up: registered and certified, and never logged. */
async function ghostOf(userId: string): Promise<At> {
  const add = server.deviceLog.add.bind(server.deviceLog);
  server.deviceLog.add = () => undefined;
  const ghost = await sitDown(server, userId);
  server.deviceLog.add = add;
  await reachable(ghost);
  return ghost;
}

/** The devices that this browser's engine, if it has one yet, knows to be logged. A test may deceive it. */
const known = (at: At) => (at.engine() as unknown as { deviceLogView: { known: Set<string> } } | undefined)?.deviceLogView.known ?? new Set<string>();

beforeEach(async () => {
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  ({ amara, jonas, conversationId } = await sitDownTogether(server));
});

describe("a browser whose profile is older than the device log", () => {
  /** As such a profile is: conversations and state, and nothing of the log. */
  async function forgetTheLog(at: At, userId: string): Promise<void> {
    const opening = at.disk.open(`wardline-${userId}`);
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const change = opening.result.transaction("facts", "readwrite");
    for (const key of ["device_log_state", "device_log_pins", "device_log_refused", "trust"]) change.objectStore("facts").delete(key);
    await new Promise((resolve) => (change.oncomplete = resolve));
    opening.result.close();
  }

  it("goes on with its conversations, keeps the log's key from then on, and has who is in them proven before it sends", async () => {
    const phone = await sitDown(server, AMARA.user_id);
    await until(() => record(phone)?.membership === "joined", "the phone to join");
    await pullThePlug(amara);
    await forgetTheLog(amara, AMARA.user_id);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await until(() => known(amara).has(jonas.browser.deviceId!), "Jonas to be looked up");
    await amara.workspace.send(text("As before"));
    await until(() => sentBy(AMARA.user_id).length === 1, "the message");
    await jonas.workspace.send(text("Read as before"));
    await until(() => record(amara)?.last?.text === "Read as before", "the answer");
    const samir = await sitDown(server, SAMIR.user_id);
    await reachable(samir);
    await amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    expect(trust(amara)).toEqual({ alarm: null, added: [] });

    server.deviceLog.key = "another+key";
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => trust(amara).alarm === "other-key", "the alarm");
  });

  it("sends nothing where somebody was let in before that nobody logged, says so, and is not slowed down by it again", async () => {
    const ghost = await ghostOf(SAMIR.user_id);
    for (const at of [jonas, amara]) known(at).add(ghost.browser.deviceId!);
    await jonas.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    await until(() => record(amara)?.server.members.length === 3, "three members");
    await pullThePlug(amara);
    await forgetTheLog(amara, AMARA.user_id);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await until(() => record(amara)?.untrusted === true, "the conversation to be held");
    expect(known(amara)).toContain(jonas.browser.deviceId!);
    expect(problems(AMARA.user_id)).toEqual(["unlogged-device"]);
    await amara.workspace.send(text("Not for strangers"));
    await amara.workspace.commands.run("flushOutbox", null);
    expect(sentBy(AMARA.user_id)).toEqual([]);

    // What others write goes on being read, and does not end it.
    known(jonas).add(ghost.browser.deviceId!);
    await jonas.workspace.send(text("Read all the same"));
    await until(() => record(amara)?.last?.text === "Read all the same", "reading");
    expect(record(amara)?.untrusted).toBe(true);

    let asked = 0;
    await pullThePlug(amara);
    amara.browser.before = (call) => void (call === "deviceLogInclusion" && (asked += 1));
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await until(() => asked > 0, "a second look");
    expect(record(amara)?.untrusted).toBe(true);
    await amara.workspace.commands.run("removeMember", { conversationId, userId: SAMIR.user_id });
    expect(asked).toBeLessThan(6);
    expect(problems(AMARA.user_id)).toEqual(["unlogged-device"]);
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => record(amara)?.untrusted === false, "trust");
    await until(() => sentBy(AMARA.user_id).length === 1, "what was held");
  });
});

describe("a device that is not in the device log", () => {
  it("keeps a conversation from beginning", async () => {
    await ghostOf(SAMIR.user_id);
    const start = amara.workspace.commands.run("start", { kind: "direct", userIds: [SAMIR.user_id] });
    await expect(start).rejects.toMatchObject({ code: "untrusted-device" });
    expect([...server.rooms.keys()]).toEqual([conversationId]);
  });

  it("stops a conversation that it was added to: nothing is sent, the person is told, the organisation too", async () => {
    const ghost = await ghostOf(SAMIR.user_id);
    // Jonas' engine has been deceived; that of Amara has not.
    const adding = jonas.engine();
    await adding.learnCheckpoint({ checkpoint: server.deviceLog.checkpoint(), consistency: [] });
    known(jonas).add(ghost.browser.deviceId!);
    await jonas.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    await until(() => record(amara)?.untrusted === true, "the conversation to be held");
    const { applied } = record(amara)!;

    await amara.workspace.send(text("Not for strangers"));
    await until(() => outgoing(amara).length === 1);
    await amara.workspace.commands.run("flushOutbox", null);
    expect(sentBy(AMARA.user_id)).toEqual([]);
    expect(problems(AMARA.user_id)).toEqual(["unlogged-device"]);
    expect(server.reports[0]!.conversation_id).toBe(conversationId);
    expect(trust(amara).alarm).toBeNull();

    amara = await comeBack(amara, AMARA.user_id);
    await until(() => problems(AMARA.user_id).length === 2, "a second look");
    expect(record(amara)).toMatchObject({ untrusted: true, applied });
    expect(sentBy(AMARA.user_id)).toEqual([]);

    // The log was only late: what waited goes out.
    server.deviceLog.add(SAMIR.user_id, ghost.browser.deviceId!, 1);
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => record(amara)?.untrusted === false, "trust");
    await until(() => sentBy(AMARA.user_id).length === 1, "the message");
  });

  it("does not take this device into a conversation by an invitation, and the invitation is kept", async () => {
    const ghost = await ghostOf(SAMIR.user_id);
    known(jonas).add(ghost.browser.deviceId!);
    const other = await jonas.workspace.commands.run("start", { kind: "group", userIds: [SAMIR.user_id, AMARA.user_id] });
    await until(() => amara.workspace.mailbox.inbox.get().conversations.get(other)?.untrusted === true, "the invitation to be held");
    expect(amara.workspace.mailbox.inbox.get().conversations.get(other)!.membership).toBe("awaiting");
    server.deviceLog.add(SAMIR.user_id, ghost.browser.deviceId!, 1);
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => amara.workspace.mailbox.inbox.get().conversations.get(other)?.membership === "joined", "to join");
    expect(amara.workspace.mailbox.inbox.get().conversations.get(other)!.untrusted).toBeFalsy();
  });

  it("is asked about again while the log is late, and the person notices nothing", async () => {
    const add = server.deviceLog.add.bind(server.deviceLog);
    const late: [string, string, number][] = [];
    server.deviceLog.add = (...entry) => void late.push(entry);
    const samir = await sitDown(server, SAMIR.user_id);
    await reachable(samir);
    let asked = 0;
    amara.browser.before = (call) => {
      if (call === "deviceLogInclusion" && (asked += 1) === 2) late.forEach((entry) => add(...entry));
    };
    await amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    expect(asked).toBeGreaterThan(1);
    expect(record(amara)!.untrusted).toBeFalsy();
  });
});

describe("a device log that contradicts what was seen of it", () => {
  const cases: [string, () => void][] = [
    ["forked", () => void (server.deviceLog.entries = [{ user: SAMIR.user_id, device: "x", at: 1 }, ...server.deviceLog.entries])],
    ["rolled-back", () => void server.deviceLog.entries.pop()],
    ["other-key", () => void (server.deviceLog.key = "log.example/devices+11111111+other")],
  ];

  it.each(cases)("%s: holds back everything, says so, and goes on when it is whole again", async (alarm, lie) => {
    // Both have seen the whole log.
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => record(amara)?.membership === "joined");
    const { key } = server.deviceLog;
    const entries = [...server.deviceLog.entries];
    lie();
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => trust(amara).alarm === alarm, alarm);
    expect(problems(AMARA.user_id)).toEqual([alarm]);
    await amara.workspace.send(text("Held"));
    await amara.workspace.commands.run("flushOutbox", null);
    expect(sentBy(AMARA.user_id)).toEqual([]);
    await expect(amara.workspace.commands.run("start", { kind: "direct", userIds: [JONAS.user_id] })).rejects.toMatchObject({ code: "log-alarm" });

    await jonas.workspace.send(text("Can you still read this"));
    await until(async () => {
      await amara.workspace.mailbox.settled();
      return record(amara)?.last?.text === "Can you still read this";
    }, "reading to go on");

    Object.assign(server.deviceLog, { key, entries });
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => trust(amara).alarm === null, "the end of the alarm");
    await until(() => sentBy(AMARA.user_id).length === 1, "what was held");
  });

  it("is an alarm too when the server will not show that it only grew", async () => {
    server.deviceLog.add(SAMIR.user_id, "another", 1);
    amara.browser.before = (call) => {
      if (call === "deviceLogConsistency") throw problem("no-such-size", 400);
    };
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => trust(amara).alarm === "forked", "the alarm");
  });
});

describe("members of a conversation", () => {
  it("compare what they saw of the log inside their messages, and do not keep it", async () => {
    await jonas.workspace.send(text("With a checkpoint"));
    await jonas.workspace.send(text("Without"));
    await until(() => sentBy(JONAS.user_id).length === 2);
    const contents = sentBy(JONAS.user_id).map((entry) => {
      const frame = JSON.parse(atob(entry.body.replaceAll("-", "+").replaceAll("_", "/"))) as { content: string };
      const decoded = decodeContent(new TextEncoder().encode(frame.content));
      return "ok" in decoded ? decoded.ok : null;
    });
    expect(JSON.parse(contents[0]!.device_log!)).toMatchObject({ key: server.deviceLog.key });
    expect(contents[1]!.device_log).toBeUndefined();
    const thread = amara.workspace.mailbox.thread(conversationId);
    await until(async () => (await thread.load([]), await thread.refresh([]), thread.state.get().messages.length >= 2));
    expect(JSON.stringify(thread.state.get().messages)).not.toContain("device_log");
    expect(trust(amara).alarm).toBeNull();
  });

  it("find out that they were shown two logs, and stay alarmed", async () => {
    // The server shows Jonas a log of his own.
    const ours = [...server.deviceLog.entries];
    const forJonas = [...ours, { user: SAMIR.user_id, device: "ghost", at: 2 }];
    server.deviceLog.entries = forJonas;
    jonas = await comeBack(jonas, JONAS.user_id);
    await until(() => record(jonas)?.membership === "joined");
    await jonas.workspace.commands.run("checkDeviceLog", null);
    server.deviceLog.entries = [...ours, { user: SAMIR.user_id, device: "other", at: 2 }];
    amara = await comeBack(amara, AMARA.user_id);
    await amara.workspace.commands.run("checkDeviceLog", null);
    expect(trust(amara).alarm).toBeNull();
    await jonas.workspace.send(text("Have you seen this"));
    await until(() => trust(amara).alarm === "members-differ", "the alarm");
    expect(problems(AMARA.user_id)).toEqual(["members-differ"]);
    await amara.workspace.commands.run("checkDeviceLog", null);
    expect(trust(amara).alarm).toBe("members-differ");
  });

  it("cannot raise that alarm with a checkpoint that the log has not signed", async () => {
    const entries = [...server.deviceLog.entries, { user: "u", device: "d", at: 1 }];
    (jonas.engine() as unknown as { deviceLogView: { seen: object } }).deviceLogView.seen = { key: "made up", entries };
    const { deviceLog } = (jonas.workspace as unknown as { leading: { deviceLog: { status: object } } }).leading;
    deviceLog.status = { size: 9, checkpoint: JSON.stringify({ key: "made up", entries }), unread: null, state: new Uint8Array() };
    await jonas.workspace.send(text("Listen to me"));
    await until(() => record(amara)?.last?.text === "Listen to me");
    await amara.workspace.commands.run("checkDeviceLog", null);
    expect(trust(amara).alarm).toBeNull();
    expect(problems(AMARA.user_id)).toEqual([]);
  });
});

describe("a device that was added in somebody's name", () => {
  it("is told to the person on the devices that they had, until they say that it is theirs", async () => {
    const tablet = await sitDown(server, AMARA.user_id);
    amara = await comeBack(amara, AMARA.user_id);
    await until(() => trust(amara).added.length === 1, "the notice");
    expect(trust(amara).added[0]).toMatchObject({ device_id: tablet.browser.deviceId, mine: false });
    await amara.workspace.commands.run("deviceIsMine", { deviceId: tablet.browser.deviceId! });
    amara = await comeBack(amara, AMARA.user_id);
    expect(trust(amara).added).toEqual([expect.objectContaining({ mine: true })]);
    expect(trust(jonas).added).toEqual([]);
    expect(trust(tablet).added).toEqual([]);
  });
});
