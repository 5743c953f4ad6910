import { beforeEach, describe, expect, it, vi } from "vitest";
import { Unreachable } from "@wardline/api";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, problem, pullThePlug, sitDown, sitDownTogether, until } from "@wardline/tests/double";

let server: DoubleServer;
let amara: At;
let jonas: At;
let conversationId: string;

const record = (at: At) => at.workspace.mailbox.inbox.get().conversations.get(conversationId);

/** Amara writes, and Jonas has it: the sequence of it. */
async function write(text: string, how: { priority: "routine" | "critical"; needsAcknowledgement: boolean } = { priority: "routine", needsAcknowledgement: false }): Promise<number> {
  await amara.workspace.send({ conversationId, content: { kind: "text", text }, ...how });
  await until(() => record(jonas)?.unread === 1, text);
  await jonas.workspace.mailbox.settled();
  return record(jonas)!.last!.sequence;
}

beforeEach(async () => {
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  ({ amara, jonas, conversationId } = await sitDownTogether(server));
});

describe("receipts", () => {
  it("go up to the server as high-water marks and never back (MSG-1)", async () => {
    const sequence = await write("Critical", { priority: "critical", needsAcknowledgement: true });
    await jonas.workspace.commands.run("mark", { conversationId, marks: { read: sequence } });
    await until(() => record(amara)!.server.members.find((member) => member.user_id === JONAS.user_id)!.read === sequence);
    await jonas.workspace.mailbox.settled();
    expect(record(jonas)!.unread).toBe(0);
    expect(record(jonas)!.attention).toHaveLength(1);
    await jonas.workspace.acknowledge(conversationId, sequence);
    await jonas.workspace.commands.run("mark", { conversationId, marks: { read: 1 } });
    await until(() => record(amara)!.server.members.find((member) => member.user_id === JONAS.user_id)!.acknowledged === sequence);
    await until(() => record(jonas)!.attention.length === 0);
    expect(record(jonas)!.mine.read).toBe(sequence);
  });

  it("of acknowledgement are told at once, without waiting for others (MSG-6)", async () => {
    const sequence = await write("Critical", { priority: "critical", needsAcknowledgement: true });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await jonas.workspace.acknowledge(conversationId, sequence);
      const told = () => server.rooms.get(conversationId)!.members.get(JONAS.user_id)!.marks.acknowledged;
      const end = Date.now() + 4_000; // Real time: only timers stand still.
      while (Date.now() < end && told() !== sequence) await new Promise((resolve) => setImmediate(resolve));
      expect(told()).toBe(sequence);
    } finally {
      vi.useRealTimers();
    }
  });

  it("that were left out on a slow line are asked for when it says that it was behind (MSG-2)", async () => {
    const sequence = await write("Read me");
    const line = [...server.lines].find(({ userId }) => userId === AMARA.user_id)!;
    const push = line.push;
    line.push = (frame) => frame.type === "entry" && push(frame);
    await jonas.workspace.commands.run("mark", { conversationId, marks: { read: sequence } });
    const readBy = (at: At) => record(at)!.server.members.find((member) => member.user_id === JONAS.user_id)!.read;
    await until(() => readBy(jonas) === sequence);
    expect(readBy(amara)).toBeLessThan(sequence);
    push({ type: "behind" });
    await until(() => readBy(amara) === sequence, "the receipt");
  });

  it("that could not be told wait on disk until they can", async () => {
    await write("Read me");
    jonas.browser.goOffline();
    await jonas.workspace.commands.run("mark", { conversationId, marks: { read: 2 } });
    await pullThePlug(jonas);
    jonas.browser.online = true;
    jonas = await sitDown(server, JONAS.user_id, { after: jonas });
    await until(() => server.rooms.get(conversationId)!.members.get(JONAS.user_id)!.marks.read === 2, "the receipt");
  });
});

describe("an acknowledgement", () => {
  const CRITICAL = { priority: "critical", needsAcknowledgement: true } as const;
  const given = (at: At) => (at.workspace.mailbox.inbox.get().acknowledging.get(conversationId) ?? []).map(({ sequence, failure }) => ({ sequence, failure: failure?.code }));
  const counts = (at: At, sequence: number) => record(at)!.mine.acknowledged >= sequence;
  const told = () => server.rooms.get(conversationId)!.members.get(JONAS.user_id)!.marks.acknowledged;

  it("counts only once the server has it: until then it is on its way, and the message still waits (MSG-6)", async () => {
    const sequence = await write("Potassium 6.8", CRITICAL);
    let answer = () => undefined as void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    jonas.browser.before = (call) => (call === "postReceipts" ? held : undefined);
    await jonas.workspace.acknowledge(conversationId, sequence);
    await until(() => given(jonas).length === 1, "the acknowledgement to be on its way");
    expect(counts(jonas, sequence)).toBe(false);
    expect(record(jonas)!.attention.map((item) => item.sequence)).toEqual([sequence]);
    answer();
    await until(() => counts(jonas, sequence), "the server's answer");
    await until(() => given(jonas).length === 0, "nothing to be on its way");
    expect(record(jonas)!.attention).toEqual([]);
    expect(told()).toBe(sequence);
  });

  it("given off line is on its way after a reload, and told when the network is back (MSG-6)", async () => {
    const sequence = await write("Potassium 6.8", CRITICAL);
    jonas.browser.goOffline();
    await jonas.workspace.acknowledge(conversationId, sequence);
    await pullThePlug(jonas);
    jonas.browser.online = true;
    jonas.browser.before = (call) => {
      if (call === "postReceipts") throw new Unreachable();
    };
    jonas = await sitDown(server, JONAS.user_id, { after: jonas });
    expect(given(jonas)).toEqual([{ sequence, failure: undefined }]);
    expect(counts(jonas, sequence)).toBe(false);
    jonas.browser.before = () => undefined;
    await until(() => counts(jonas, sequence), "the acknowledgement to be told", 5000);
    expect(told()).toBe(sequence);
  });

  it("whose answer did not come is told again while the line stays up", async () => {
    const sequence = await write("Potassium 6.8", CRITICAL);
    let failures = 2;
    jonas.browser.before = (call) => {
      if (call === "postReceipts" && failures-- > 0) throw new Unreachable();
    };
    await jonas.workspace.acknowledge(conversationId, sequence);
    await until(() => counts(jonas, sequence), "the acknowledgement to be told", 8000);
    expect(failures).toBeLessThan(1);
  });

  it("that the server refused says so, does not count, and can be given again", async () => {
    const sequence = await write("Potassium 6.8", CRITICAL);
    jonas.browser.before = (call) => {
      if (call === "postReceipts") throw problem("not-permitted", 403);
    };
    await jonas.workspace.acknowledge(conversationId, sequence);
    await until(() => given(jonas)[0]?.failure === "not-permitted", "the refusal");
    expect(counts(jonas, sequence)).toBe(false);
    expect(record(jonas)!.attention).toHaveLength(1);
    jonas.browser.before = () => undefined;
    await jonas.workspace.acknowledge(conversationId, sequence);
    await until(() => counts(jonas, sequence), "the acknowledgement to be told");
    await until(() => given(jonas).length === 0, "nothing to be left of it");
  });

  it("given in a tab that does not lead is kept there and then, and told by the one that does", async () => {
    const sequence = await write("Potassium 6.8", CRITICAL);
    const second = await sitDown(server, JONAS.user_id, { after: jonas });
    await second.workspace.acknowledge(conversationId, sequence);
    await until(() => counts(second, sequence) && counts(jonas, sequence), "both tabs to know");
    expect(told()).toBe(sequence);
  });
});
