import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, pullThePlug, SAMIR, sitDown, sitDownTogether, until } from "@wardline/tests/double";
import { type Confirmed, Unreachable } from "@wardline/api";
import type { Commands } from "./commands.ts";
import type { MessageRecord } from "./records.ts";

let server: DoubleServer;
let amara: At;
let jonas: At;
let conversationId: string;

const text = (content: string) => ({
  conversationId,
  content: { kind: "text" as const, text: content },
  priority: "routine" as const,
  needsAcknowledgement: false,
});

const words = (messages: readonly MessageRecord[]) =>
  messages.flatMap((message) => (message.body.kind === "content" ? [message.body.content.text] : message.body.kind === "unreadable" ? [`<${message.body.reason}>`] : []));

async function read(at: At, id = conversationId): Promise<string[]> {
  await at.workspace.mailbox.settled();
  const thread = at.workspace.mailbox.thread(id);
  await thread.load(at.workspace.mailbox.inbox.get().outgoing.get(id) ?? []);
  await thread.refresh(at.workspace.mailbox.inbox.get().outgoing.get(id) ?? []);
  return words(thread.state.get().messages);
}

/** "+somebody" and "-somebody", as the thread has them. */
async function changes(at: At): Promise<string[]> {
  await read(at);
  const { messages } = at.workspace.mailbox.thread(conversationId).state.get();
  return messages.flatMap(({ body }) => (body.kind === "membership" ? [...body.added.map((id) => `+${id}`), ...body.removed.map((id) => `-${id}`)] : []));
}

const record = (at: At) => at.workspace.mailbox.inbox.get().conversations.get(conversationId);
const sees = (at: At, ...expected: string[]) => until(async () => (await read(at)).join("|") === expected.join("|"), `${expected.join(", ")}`);

beforeEach(async () => {
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  ({ amara, jonas, conversationId } = await sitDownTogether(server));
});

describe("groups", () => {
  it("makes a lost commit again on top of the winner", async () => {
    const samir = await sitDown(server, SAMIR.user_id);
    const priya = await sitDown(server, EVERYBODY[5]!.user_id);
    for (const at of [samir, priya]) await until(() => (server.keyPackages.get(at.browser.deviceId!)?.length ?? 0) > 0);
    await Promise.all([
      amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] }),
      jonas.workspace.commands.run("addMembers", { conversationId, userIds: [EVERYBODY[5]!.user_id] }),
    ]);
    await until(() => record(samir)?.membership === "joined" && record(priya)?.membership === "joined", "both to join");
    await priya.workspace.send(text("Everybody here?"));
    for (const at of [amara, jonas, samir]) await until(async () => (await read(at)).includes("Everybody here?"));
    expect(server.rooms.get(conversationId)!.conversation.epoch).toBe(3);
  });

  it("begins a conversation whose answer was lost exactly once", async () => {
    await amara.workspace.send(text("In the one that is there"));
    let lose = true;
    const create = server.create.bind(server);
    server.create = (...args) => {
      const answer = create(...args);
      if (lose) {
        lose = false;
        throw new Unreachable();
      }
      return answer;
    };
    await expect(amara.workspace.commands.run("start", { kind: "direct", userIds: [JONAS.user_id] })).rejects.toThrow();
    await pullThePlug(amara);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await until(() => amara.workspace.mailbox.inbox.get().conversations.size === 2, "the conversation");
    expect(server.rooms.size).toBe(2);
    const id = [...server.rooms.keys()].find((key) => key !== conversationId)!;
    await amara.workspace.send({ ...text("Here"), conversationId: id });
    await until(async () => (await read(jonas, id)).includes("Here"));
  });

  /** What a browser does when the answer to the beginning of a conversation never comes. */
  const loseTheAnswer = async (request: Parameters<Commands["start"]>[0]) => {
    const create = server.create.bind(server);
    server.create = (...args) => {
      create(...args);
      server.create = create;
      throw new Unreachable();
    };
    await expect(amara.workspace.commands.run("start", request)).rejects.toThrow(Unreachable);
  };

  it("takes whoever begins again, because the answer was lost, into the conversation that was begun", async () => {
    const request = { kind: "direct" as const, userIds: [JONAS.user_id] };
    await amara.workspace.send(text("In the one that is there"));
    await loseTheAnswer(request);
    const id = await amara.workspace.commands.run("start", request);
    expect(server.rooms.size).toBe(2);
    await amara.workspace.send({ ...text("Here"), conversationId: id });
    await until(async () => (await read(jonas, id)).includes("Here"));
    expect(await amara.workspace.commands.run("start", request), "something was said in the first").not.toBe(id);
    expect(server.rooms.size).toBe(3);
  });

  it("does so after a reload, but not for other people, another patient, or where somebody is writing", async () => {
    const patient = PATIENTS[0]!.patient_id;
    const request = { kind: "direct" as const, userIds: [JONAS.user_id], matchId: patient, patientId: patient };
    await loseTheAnswer(request);
    await pullThePlug(amara);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await until(() => amara.workspace.mailbox.inbox.get().conversations.size === 2, "the conversation");
    const id = await amara.workspace.commands.run("start", request);
    expect([...server.rooms.keys()]).toContain(id);
    expect(server.rooms.size).toBe(2);
    const start = (more: Partial<typeof request>) => amara.workspace.commands.run("start", { ...request, ...more });
    const other = PATIENTS[1]!.patient_id;
    expect(await start({ matchId: other, patientId: other }), "SAF-1").not.toBe(id);
    expect(server.rooms.size).toBe(3);
    amara.workspace.drafts.save(id, { text: "Waits for its files", priority: "routine", needsAcknowledgement: false });
    await amara.workspace.drafts.close();
    expect(await start({})).not.toBe(id);
    expect(server.rooms.size).toBe(4);
  });

  it("does not take two that are begun at the same moment for one whose answer is still on its way", async () => {
    const request = { kind: "direct" as const, userIds: [JONAS.user_id] };
    await amara.workspace.send(text("In the one that is there"));
    const ids = await Promise.all([amara.workspace.commands.run("start", request), amara.workspace.commands.run("start", request)]);
    expect(ids[0], "nothing was said in it yet").toBe(ids[1]);
    expect(ids).not.toContain(conversationId);
    expect(amara.browser.log.filter((call) => call === "createConversation")).toHaveLength(2);
  });

  it("answers what is asked about people with the call that brings them in, also when a commit is made anew (MSG-8)", async () => {
    const patient = PATIENTS[0]!.patient_id;
    const samir = await sitDown(server, SAMIR.user_id);
    const priya = await sitDown(server, EVERYBODY[5]!.user_id);
    for (const at of [samir, priya]) await until(() => (server.keyPackages.get(at.browser.deviceId!)?.length ?? 0) > 0);
    const request = { kind: "group" as const, userIds: [JONAS.user_id], matchId: patient, patientId: patient };
    conversationId = await amara.workspace.commands.run("start", request);
    await until(() => record(jonas)?.membership === "joined", "Jonas to join");
    server.outsideCare.add(SAMIR.user_id);
    const add = (confirmed?: Confirmed) => amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id], ...(confirmed && { confirmed }) });
    await expect(add()).rejects.toMatchObject({ code: "refused" });
    const confirmed = { reason: { word: "consult" as const, user_ids: [SAMIR.user_id] } };
    await Promise.all([jonas.workspace.commands.run("addMembers", { conversationId, userIds: [EVERYBODY[5]!.user_id] }), add(confirmed)]);
    await until(() => record(samir)?.membership === "joined", "Samir to join");
    expect(server.reasons).toEqual([{ by: AMARA.user_id, user_ids: [SAMIR.user_id], reason: "consult" }]);
  });

  it("tells of each change once, for its author too, whichever of answer and echo is first", async () => {
    const samir = await sitDown(server, SAMIR.user_id);
    await until(() => (server.keyPackages.get(samir.browser.deviceId!)?.length ?? 0) > 0);
    const line = [...server.lines].find((item) => item.userId === AMARA.user_id)!;
    // Added while the socket is slow: the answer overtakes the echo. Removed: the echo comes first.
    server.lines.delete(line);
    await amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    server.lines.add(line);
    line.push({ type: "entry", ...server.rooms.get(conversationId)!.log[1]! });
    await until(() => record(amara)?.applied === 2 && record(amara)!.server.members.length === 3, "the echo, and the members");
    amara.browser.after = async (call) => call === "postCommit" && until(() => record(amara)?.applied === 3, "the second echo");
    await amara.workspace.commands.run("removeMember", { conversationId, userId: SAMIR.user_id });
    for (const at of [amara, jonas]) await until(async () => (await changes(at)).join() === `+${SAMIR.user_id},-${SAMIR.user_id}`, "both lines");
    expect(record(amara)!.settled).toEqual([]);
    await until(() => record(amara)!.server.members.length === 2, "the members");
  });

  it("tells who came although the server's list of members had it first", async () => {
    const samir = await sitDown(server, SAMIR.user_id);
    await until(() => (server.keyPackages.get(samir.browser.deviceId!)?.length ?? 0) > 0);
    amara.browser.goOffline();
    await jonas.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    let hasList = false;
    amara.browser.before = async (call) => {
      // The list of conversations is read before anything of the log.
      if (call === "log") await until(() => hasList);
    };
    amara.browser.after = (call) => void (call === "conversations" && (hasList = true));
    amara.browser.goOnline();
    await until(async () => (await changes(amara)).join() === `+${SAMIR.user_id}`, "the line");
  });

  it("says nothing of a second device that comes, or goes: nobody came, nobody left", async () => {
    const phone = await sitDown(server, JONAS.user_id);
    await until(() => record(phone)?.membership === "joined", "the phone to join");
    server.proposeRemoval(conversationId, { userId: JONAS.user_id, deviceId: phone.browser.deviceId! });
    await amara.workspace.send(text("Still two of us"));
    await sees(jonas, "Still two of us");
    for (const at of [amara, jonas]) expect(await changes(at)).toEqual([]);
  });

  it("says who has no device instead of leaving them out", async () => {
    await expect(amara.workspace.commands.run("start", { kind: "direct", userIds: [SAMIR.user_id] })).rejects.toMatchObject({
      code: "without-device",
      userIds: [SAMIR.user_id],
    });
  });

  it("brings a second device in by external commit and says that earlier messages are not there", async () => {
    await amara.workspace.send(text("Before"));
    await sees(jonas, "Before");
    const phone = await sitDown(server, JONAS.user_id);
    await until(() => record(phone)?.membership === "joined", "the phone to join");
    await amara.workspace.send(text("After"));
    await sees(phone, "After");
    await sees(jonas, "Before", "After");
    const first = phone.workspace.mailbox.thread(conversationId).state.get().messages[0]!;
    expect(first.body.kind).toBe("gap");
  });
});

describe("tabs", () => {
  it("send through the one that leads, and take over when it goes", async () => {
    const second = await sitDown(server, AMARA.user_id, { after: amara });
    expect(second.engine()).toBeUndefined();
    await second.workspace.send(text("From the second tab"));
    await sees(jonas, "From the second tab");
    await sees(second, "From the second tab");
    await pullThePlug(amara);
    await until(() => second.engine() !== undefined, "the second tab to lead");
    await second.workspace.send(text("Still here"));
    await sees(jonas, "From the second tab", "Still here");
  });
});
