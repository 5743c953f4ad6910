import { beforeEach, describe, expect, it, vi } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, pullThePlug, sitDown, sitDownTogether, until } from "@wardline/tests/double";

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
    await jonas.workspace.commands.run("mark", { conversationId, marks: { acknowledged: sequence } });
    await jonas.workspace.commands.run("mark", { conversationId, marks: { read: 1 } });
    await until(() => record(amara)!.server.members.find((member) => member.user_id === JONAS.user_id)!.acknowledged === sequence);
    expect(record(jonas)!.attention).toEqual([]);
    expect(record(jonas)!.mine.read).toBe(sequence);
  });

  it("of acknowledgement are told at once, without waiting for others (MSG-6)", async () => {
    const sequence = await write("Critical", { priority: "critical", needsAcknowledgement: true });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await jonas.workspace.commands.run("mark", { conversationId, marks: { acknowledged: sequence } });
      const told = () => server.rooms.get(conversationId)!.members.get(JONAS.user_id)!.marks.acknowledged;
      for (let turn = 0; turn < 500 && told() !== sequence; turn += 1) await new Promise((resolve) => setImmediate(resolve));
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
