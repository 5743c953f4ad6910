import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, problem, pullThePlug, SAMIR, sitDown, sitDownTogether, until } from "@wardline/tests/double";
import { Unreachable } from "@wardline/api";
import { MOST_TEXT_LENGTH, MOST_TITLE_LENGTH } from "./content.ts";
import { type MessageRecord, MOST_COUNTED } from "./records.ts";

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

const outgoing = (at: At) => at.workspace.mailbox.inbox.get().outgoing.get(conversationId) ?? [];
const record = (at: At) => at.workspace.mailbox.inbox.get().conversations.get(conversationId);
/** In the conversation and, the mailbox being settled, in the inbox as well. */
async function sees(at: At, ...expected: string[]): Promise<void> {
  await until(async () => (await read(at)).join("|") === expected.join("|"), `${expected.join(", ")}`);
  await at.workspace.mailbox.settled();
}

beforeEach(async () => {
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  ({ amara, jonas, conversationId } = await sitDownTogether(server));
});

describe("sending", () => {
  it("brings a message to the other person once, with its sender (MSG-2)", async () => {
    await amara.workspace.send(text("Hold the heparin"));
    await sees(jonas, "Hold the heparin");
    await sees(amara, "Hold the heparin");
    expect(outgoing(amara)).toEqual([]);
    expect(record(jonas)!.unread).toBe(1);
    expect(record(amara)!.unread).toBe(0);
  });

  it("has at hand what waits most urgently, until it is acknowledged, whatever was said after it (MSG-6)", async () => {
    const pressing = () => words([...amara.workspace.mailbox.inbox.get().pressing.values()]);
    await jonas.workspace.send({ ...text("She is short of breath"), priority: "urgent" });
    await jonas.workspace.send({ ...text("Potassium is 6.8"), priority: "critical", needsAcknowledgement: true });
    await jonas.workspace.send(text("Sample repeated"));
    await sees(amara, "She is short of breath", "Potassium is 6.8", "Sample repeated");
    expect(pressing()).toEqual(["Potassium is 6.8"]);
    await amara.workspace.commands.run("mark", { conversationId, marks: { read: record(amara)!.applied } });
    await amara.workspace.send(text("Coming"));
    await sees(amara, "She is short of breath", "Potassium is 6.8", "Sample repeated", "Coming");
    expect(pressing()).toEqual(["Potassium is 6.8"]);
    // As after a reload.
    await amara.workspace.mailbox.load();
    expect(pressing()).toEqual(["Potassium is 6.8"]);
    await amara.workspace.acknowledge(conversationId, record(amara)!.applied);
    await until(() => pressing().length === 0, "the server to have it");
  });

  it("refuses to write down what nobody could read: a text or a subject that is too long", async () => {
    const send = (text: string, title?: string) => jonas.workspace.send({ conversationId, content: { kind: "text", text, ...(title !== undefined && { title }) }, priority: "routine", needsAcknowledgement: false });
    await expect(send("x".repeat(MOST_TEXT_LENGTH + 1))).rejects.toThrow(RangeError);
    await expect(send("x", "x".repeat(MOST_TITLE_LENGTH + 1))).rejects.toThrow(RangeError);
    await send("x".repeat(MOST_TEXT_LENGTH));
    await until(() => record(amara)?.last?.text?.length === MOST_TEXT_LENGTH, "the longest text there may be");
  });

  it("keeps the order in which messages were written, also after an offline time", async () => {
    amara.browser.goOffline();
    for (const word of ["one", "two", "three"]) await amara.workspace.send(text(word));
    await until(async () => (await amara.workspace.mailbox.settled(), outgoing(amara).length === 3));
    expect(outgoing(amara).every((item) => item.state === "queued")).toBe(true);
    amara.browser.goOnline();
    await sees(jonas, "one", "two", "three");
  });

  it("survives a reload before the network comes back", async () => {
    amara.browser.goOffline();
    await amara.workspace.send(text("Written in the lift"));
    await pullThePlug(amara);
    amara.browser.online = true;
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await sees(jonas, "Written in the lift");
    await sees(amara, "Written in the lift");
  });

  it("does not show a message twice when the answer was lost and it is sent again", async () => {
    let lose = true;
    const post = amara.browser.api.postMessage;
    const real = server.message.bind(server);
    server.message = (by, id, message) => {
      const answer = real(by, id, message);
      if (lose) {
        lose = false;
        throw new Unreachable();
      }
      return answer;
    };
    expect(post).toBeDefined();
    await amara.workspace.send(text("Once only"));
    await until(() => !lose);
    await amara.workspace.commands.run("flushOutbox", null);
    await sees(jonas, "Once only");
    await sees(amara, "Once only");
    expect(server.rooms.get(conversationId)!.log.filter((entry) => entry.kind === "message")).toHaveLength(1);
  });

  it("sends the same bytes again after a crash between encrypting and sending", async () => {
    const sent: string[] = [];
    amara.browser.before = (call, args) => {
      if (call !== "postMessage") return;
      sent.push((args[1] as { message: string }).message);
      if (sent.length === 1) throw new Unreachable();
    };
    await amara.workspace.send(text("Same bytes"));
    await until(() => sent.length === 1);
    await pullThePlug(amara);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    await sees(jonas, "Same bytes");
    expect(sent[1]).toBe(sent[0]);
    expect(amara.engine().calls["protect"]).toBeUndefined();
  });

  it("catches up, encrypts anew and sends under the same id when the epoch has moved on", async () => {
    const ids: string[] = [];
    await until(() => (server.keyPackages.get(jonas.browser.deviceId!)?.length ?? 0) > 0);
    const samir = await sitDown(server, SAMIR.user_id);
    await until(() => (server.keyPackages.get(samir.browser.deviceId!)?.length ?? 0) > 0);
    amara.browser.goOffline();
    await jonas.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    amara.browser.before = (call, args) => void (call === "postMessage" && ids.push((args[1] as { idempotency_id: string }).idempotency_id));
    // Encrypted for the old epoch: the log is not read before the message goes out.
    const log = server.message.bind(server);
    let first = true;
    server.message = (by, id, message) => {
      if (first) {
        first = false;
        throw problem("stale-epoch", 409, { current_epoch: 2, last_sequence: 2 });
      }
      return log(by, id, message);
    };
    amara.browser.online = true;
    await amara.workspace.send(text("To the new epoch"));
    await amara.workspace.commands.run("flushOutbox", null);
    amara.browser.goOnline();
    await until(async () => (await read(samir)).includes("To the new epoch"), "Samir to read it");
    expect(new Set(ids).size).toBe(1);
    expect(ids.length).toBeGreaterThan(1);
  });

  it("commits a waiting removal before the next message goes out", async () => {
    const samir = await sitDown(server, SAMIR.user_id);
    await until(() => (server.keyPackages.get(samir.browser.deviceId!)?.length ?? 0) > 0);
    await amara.workspace.commands.run("addMembers", { conversationId, userIds: [SAMIR.user_id] });
    await until(() => record(samir)?.membership === "joined");
    server.proposeRemoval(conversationId, { userId: SAMIR.user_id, deviceId: samir.browser.deviceId! });
    await amara.workspace.send(text("Without Samir"));
    await until(async () => (await read(jonas)).includes("Without Samir"), "Jonas to read it");
    const kinds = server.rooms.get(conversationId)!.log.map((entry) => entry.kind);
    expect(kinds).toEqual(["commit", "commit", "proposal", "commit", "message"]);
    await until(() => record(samir)?.membership === "removed", "Samir to be out");
    expect(await read(samir)).not.toContain("Without Samir");
  });

  it("gives a refused message back with its reason, holds those behind it, and can send it again", async () => {
    let refuse = true;
    amara.browser.before = (call) => {
      if (call === "postMessage" && refuse) throw problem("message-too-large", 413, { detail: "At most 64 KB." });
    };
    const id = await amara.workspace.send(text("Too long"));
    await amara.workspace.send(text("Behind it"));
    await until(() => outgoing(amara)[0]?.state === "failed");
    expect(outgoing(amara)[0]!.failure).toEqual({ code: "message-too-large", detail: "At most 64 KB." });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(outgoing(amara)[1]?.state).toBe("queued");
    refuse = false;
    await amara.workspace.commands.run("sendAgain", { id });
    await sees(jonas, "Too long", "Behind it");
  });
});

describe("receiving", () => {
  it("applies each entry once and in order, whatever arrives twice, late or with a hole", async () => {
    for (const word of ["a", "b", "c", "d"]) await amara.workspace.send(text(word));
    await sees(jonas, "a", "b", "c", "d");
    const before = jonas.engine().calls["processEntry"];
    const line = [...server.lines].find((item) => item.userId === JONAS.user_id)!;
    const { log } = server.rooms.get(conversationId)!;
    for (const entry of [log[3]!, log[1]!, log[4]!]) line.push({ type: "entry", ...entry });
    server.lines.delete(line);
    await amara.workspace.send(text("e"));
    await amara.workspace.send(text("f"));
    await until(() => log.length === 7);
    server.lines.add(line);
    line.push({ type: "entry", ...log[6]! });
    await sees(jonas, "a", "b", "c", "d", "e", "f");
    expect(jonas.engine().calls["processEntry"]! - before!).toBe(2);
  });

  it("reads over HTTP what a server leaves out on the socket, until that has worked, and says so meanwhile (MSG-2)", async () => {
    const line = [...server.lines].find((item) => item.userId === JONAS.user_id)!;
    server.lines.delete(line);
    for (const word of ["a", "b", "c"]) await amara.workspace.send(text(word));
    await sees(amara, "a", "b", "c");
    let tries = 0;
    jonas.browser.before = (call) => {
      if (call === "log" && (tries += 1) < 3) throw tries === 1 ? new Unreachable() : problem("overloaded", 503);
    };
    line.push({ type: "behind" });
    await until(() => jonas.workspace.connection.get().freshness === "catching_up", "it to be said");
    await sees(jonas, "a", "b", "c");
    await until(() => jonas.workspace.connection.get().freshness === "live", "it to be level");
    expect(tries).toBe(3);
    // What is stored after the page was read is not missed because a walk was under way.
    server.lines.add(line);
    await amara.workspace.send(text("d"));
    await sees(jonas, "a", "b", "c", "d");
  });

  it("walks the log anew when a hole shows in the middle of a walk", async () => {
    const line = [...server.lines].find((item) => item.userId === JONAS.user_id)!;
    server.lines.delete(line);
    await amara.workspace.send(text("before"));
    await sees(amara, "before");
    let walks = 0;
    jonas.browser.after = async (call) => {
      if (call !== "log" || (walks += 1) > 1) return;
      // The page has been read: what comes now is not on it.
      await amara.workspace.send(text("meanwhile"));
      await sees(amara, "before", "meanwhile");
      line.push({ type: "entry", ...server.rooms.get(conversationId)!.log.at(-1)! });
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    line.push({ type: "behind" });
    await sees(jonas, "before", "meanwhile");
  });

  it("reads the backlog of a long absence from its cursor on, in pages", async () => {
    jonas.browser.goOffline();
    await pullThePlug(jonas);
    for (let index = 0; index < 450; index += 1) {
      await amara.workspace.send(text(`n${index}`));
      await amara.workspace.commands.run("flushOutbox", null);
    }
    await until(() => server.rooms.get(conversationId)!.log.length === 451, "450 messages", 60_000);
    jonas.browser.online = true;
    jonas = await sitDown(server, JONAS.user_id, { after: jonas });
    await until(() => record(jonas)?.applied === 451, "the backlog", 60_000);
    const thread = jonas.workspace.mailbox.thread(conversationId);
    await thread.load([]);
    expect(words(thread.state.get().messages)).toHaveLength(120);
    expect(words(thread.state.get().messages).at(-1)).toBe("n449");
    await thread.loadOlder();
    expect(words(thread.state.get().messages)[0]).toBe("n210");
    expect(record(jonas)!.unread).toBe(MOST_COUNTED + 1);
  }, 120_000);

  it("shows a message that claims another sender as not to be trusted", async () => {
    await amara.workspace.send(text("Genuine"));
    await sees(jonas, "Genuine");
    const { log } = server.rooms.get(conversationId)!;
    const forged = { ...log[1]!, sequence: 3, idempotency_id: "x", sender: { user_id: SAMIR.user_id, device_id: "d" } };
    log.push(forged);
    [...server.lines].find((item) => item.userId === JONAS.user_id)!.push({ type: "entry", ...forged });
    await sees(jonas, "Genuine", "<invalid>");
  });

  it("does not let one broken message hold up the next", async () => {
    const { log } = server.rooms.get(conversationId)!;
    const broken = { ...log[0]!, kind: "message" as const, sequence: 2, idempotency_id: "x", body: "%%%" };
    log.push(broken);
    await amara.workspace.send(text("After it"));
    await sees(jonas, "<invalid>", "After it");
  });
});
