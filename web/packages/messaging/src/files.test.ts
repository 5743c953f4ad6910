import { beforeEach, describe, expect, it } from "vitest";
import { AMARA, type At, DoubleServer, EVERYBODY, JONAS, PATIENTS, problem, pullThePlug, ROSA, SAMIR, sitDown, sitDownTogether, until } from "@wardline/tests/double";
import { decodeBase64Url, Unreachable } from "@wardline/api";
import { areAttachments, type Attachment, haveUnknownFields, nameFor, typeFor } from "./attachment.ts";
import { DamagedFile } from "./downloads.ts";
import { NEW_DRAFT_KEY } from "./drafts.ts";
import type { MessageRecord } from "./records.ts";
import type { UploadView } from "./uploads.ts";

let server: DoubleServer;
let amara: At;
let jonas: At;
let conversationId: string;

function content(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = at * 13;
  return bytes;
}
const isContent = async (blob: Blob, size: number) => Buffer.compare(new Uint8Array(await blob.arrayBuffer()), content(size)) === 0;
const file = (size: number, name = "ct.pdf", type = "application/pdf") => new File([content(size)], name, { type });
const views = (at: At): readonly UploadView[] => at.workspace.uploads.views.get().get(conversationId) ?? [];
const stages = (at: At) => views(at).map(({ stage }) => stage);
const ready = (at: At) => until(() => stages(at).every((stage) => stage === "ready"), "every upload to be ready");
const puts = (at: At) => at.browser.log.filter((call) => call === "putFilePart").length;

async function send(at: At): Promise<Attachment[]> {
  const attachments = await at.workspace.uploads.complete(conversationId);
  await at.workspace.send({ conversationId, content: { kind: "text", text: "", attachments }, priority: "routine", needsAcknowledgement: false });
  at.workspace.uploads.sent(conversationId);
  return attachments;
}

async function received(at: At): Promise<readonly Attachment[]> {
  let found: MessageRecord | undefined;
  const thread = at.workspace.mailbox.thread(conversationId);
  await until(async () => {
    await at.workspace.mailbox.settled();
    await thread.load([]);
    await thread.refresh([]);
    found = thread.state.get().messages.at(-1);
    return found?.body.kind === "content" && found.body.content.attachments !== undefined;
  }, "a message with files");
  return (found!.body as Extract<MessageRecord["body"], { kind: "content" }>).content.attachments!;
}

beforeEach(async () => {
  server = new DoubleServer({ people: EVERYBODY, patients: PATIENTS });
  ({ amara, jonas, conversationId } = await sitDownTogether(server));
});

describe("a file", () => {
  it("goes out in parts, encrypted, and is the same at the other end (MSG-4)", async () => {
    expect(amara.workspace.uploads.add(conversationId, [file(1_200_000)])).toBe(0);
    await ready(amara);
    expect(puts(amara)).toBe(3);
    await send(amara);
    expect(views(amara)).toEqual([]);
    const [attachment] = await received(jonas);
    expect(attachment).toMatchObject({ name: "ct.pdf", type: "application/pdf", size: 1_200_000 });
    const opened = await jonas.workspace.downloads.open(conversationId, attachment!);
    expect(await isContent(opened, 1_200_000)).toBe(true);
    const stored = new Uint8Array(await server.files.all.get(attachment!.id)!.content.arrayBuffer());
    expect(stored.slice(0, 100)).not.toEqual(content(100));
    const inbox = jonas.workspace.mailbox.inbox.get().conversations.get(conversationId);
    expect(inbox?.last?.text, "where there are no words the list shows the name").toBe("ct.pdf");
  });

  it("waits for a lost network and goes on where it was", async () => {
    amara.browser.before = (call) => {
      if (call === "putFilePart" && puts(amara) === 2) amara.browser.goOffline();
    };
    amara.workspace.uploads.add(conversationId, [file(2_000_000)]);
    await until(() => stages(amara)[0] === "waiting", "the upload to wait");
    amara.browser.before = () => undefined;
    amara.browser.goOnline();
    amara.workspace.nudge();
    await ready(amara);
    await send(amara);
    const [attachment] = await received(jonas);
    expect(server.files.all.get(attachment!.id)!.content.size).toBe(2_000_000);
    // Four parts, of which one may have gone out twice: nothing begins again from the start.
    expect(puts(amara)).toBeLessThanOrEqual(5);
  });

  it("whose answer was lost is not sent twice", async () => {
    let lost = false;
    const put = server.files.put.bind(server.files);
    server.files.put = (...args) => {
      const answer = put(...args);
      if (lost) return answer;
      lost = true;
      throw new Unreachable();
    };
    amara.workspace.uploads.add(conversationId, [file(600_000)]);
    await until(() => stages(amara)[0] === "waiting", "the upload to wait");
    amara.workspace.nudge();
    await ready(amara);
    expect(puts(amara)).toBe(2);
  });

  it("that is too large is refused before anything is encrypted or sent", async () => {
    amara.workspace.uploads.add(conversationId, [file(21 * 1024 * 1024)]);
    await until(() => stages(amara)[0] === "failed", "the refusal");
    expect(views(amara)[0]!.failure).toEqual({ code: "too-large" });
    expect(amara.browser.log).not.toContain("beginFile");
  });

  it("that was given up is given up at the server too", async () => {
    amara.workspace.uploads.add(conversationId, [file(100)]);
    await ready(amara);
    amara.workspace.uploads.cancel(conversationId, views(amara)[0]!.id);
    await until(() => server.files.all.size === 0, "the server to hear of it");
    expect(views(amara)).toEqual([]);
  });

  it("that the server refuses says why, and can be tried again", async () => {
    amara.browser.before = (call) => {
      if (call === "beginFile") throw problem("too-many-files", 413, { detail: "This conversation holds as many files as it may." });
    };
    amara.workspace.uploads.add(conversationId, [file(100)]);
    await until(() => stages(amara)[0] === "failed", "the refusal");
    expect(views(amara)[0]!.failure?.detail).toContain("as many files as it may");
    amara.browser.before = () => undefined;
    amara.workspace.uploads.retry(conversationId, views(amara)[0]!.id);
    await ready(amara);
  });

  it("is stripped of what a photo says beside the picture (DLP-2)", async () => {
    const text = (value: string) => [...value].map((char) => char.charCodeAt(0));
    const jpeg = [0xff, 0xd8, 0xff, 0xe1, 0, 13, ...text("Exif\0\0GPS!!"), 0xff, 0xdb, 0, 3, 1, 0xff, 0xd9];
    amara.workspace.uploads.add(conversationId, [new File([Uint8Array.from(jpeg)], "photo.jpg", { type: "image/jpeg" }), new File([Uint8Array.from([0xff, 0xd8, 0xff, 1])], "torn.jpg")]);
    await until(() => stages(amara).join() === "ready,failed", "both to be looked at");
    expect(views(amara)[1]!.failure).toEqual({ code: "unreadable-picture" });
    amara.workspace.uploads.cancel(conversationId, views(amara)[1]!.id);
    await send(amara);
    const [attachment] = await received(jonas);
    const opened = await jonas.workspace.downloads.open(conversationId, attachment!);
    expect([...new Uint8Array(await opened.arrayBuffer())]).toEqual([0xff, 0xd8, 0xff, 0xdb, 0, 3, 1, 0xff, 0xd9]);
    expect(attachment!.size).toBe(9);
  });

  it("comes with at most nine others", async () => {
    const eleven = Array.from({ length: 11 }, (_, index) => file(10, `${index}.txt`, "text/plain"));
    expect(amara.workspace.uploads.add(conversationId, eleven)).toBe(1);
    expect(views(amara).length).toBe(10);
    expect(amara.workspace.uploads.add(conversationId, [file(1)])).toBe(1);
  });
});

describe("opening a file", () => {
  async function sent(size = 100): Promise<Attachment> {
    amara.workspace.uploads.add(conversationId, [file(size)]);
    await ready(amara);
    await send(amara);
    return (await received(jonas))[0]!;
  }

  it("is refused to whoever is not in the conversation", async () => {
    const attachment = await sent();
    const samir = await sitDown(server, SAMIR.user_id);
    await expect(samir.workspace.downloads.open(conversationId, attachment)).rejects.toMatchObject({ status: 404 });
  });

  it("shows nothing of what is not what was sent", async () => {
    const attachment = await sent();
    const stored = server.files.all.get(attachment.id)!;
    stored.content = new Blob([content(100)]);
    await expect(jonas.workspace.downloads.open(conversationId, attachment)).rejects.toBeInstanceOf(DamagedFile);
    // Nor does it fetch more than was announced, whatever the server says.
    stored.content = new Blob([content(3_000_000)]);
    const before = jonas.browser.log.length;
    await expect(jonas.workspace.downloads.open(conversationId, attachment)).rejects.toBeInstanceOf(DamagedFile);
    expect(jonas.browser.log.slice(before)).toEqual(["filePart"]);
  });

  it("fetches once what is looked at twice, and nothing after the session", async () => {
    const attachment = await sent(1_500_000);
    await jonas.workspace.downloads.open(conversationId, attachment);
    await jonas.workspace.downloads.open(conversationId, attachment);
    expect(jonas.browser.log.filter((call) => call === "filePart").length).toBe(2);
    jonas.workspace.downloads.close();
    await jonas.workspace.downloads.open(conversationId, attachment);
    expect(jonas.browser.log.filter((call) => call === "filePart").length).toBe(4);
  });
});

describe("what a message may name", () => {
  const one: Attachment = { id: "0195f2a0-0000-7000-8000-000000000001", name: "ct.pdf", type: "application/pdf", size: 1, key: "A".repeat(43), sha256: "A".repeat(43) };

  it("is bounded, complete and names each file once", () => {
    expect(areAttachments([one])).toBe(true);
    const id = (index: number) => `0195f2a0-0000-7000-8000-${String(index).padStart(12, "0")}`;
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ ...one, id: id(index) }));
    expect(areAttachments(many(10))).toBe(true);
    const refused: unknown[] = [
      [], many(11), [one, one], {}, [null], [{ ...one, name: undefined }], [{ ...one, id: "1" }], [{ ...one, size: -1 }], [{ ...one, size: 1.5 }],
      [{ ...one, key: "A".repeat(42) }], [{ ...one, key: `${"A".repeat(42)}B` }], [{ ...one, type: "pdf" }], [{ ...one, type: "Text/Plain" }], [{ ...one, type: `a/${"b".repeat(126)}` }],
      ...["", ".", "..", "a/b", "a\\b", "a\0", "a\n", "\u202Egpj.exe", "\u2066a", "ä".repeat(128)].map((name) => [{ ...one, name }]),
    ];
    for (const value of refused) expect(areAttachments(value), JSON.stringify(value)).toBe(false);
    expect(haveUnknownFields([one])).toBe(false);
    expect(haveUnknownFields([one, { ...one, extra: 1 }])).toBe(true);
  });

  it("is made of whatever a device calls its files", () => {
    for (const name of ["ct.pdf", "", "..", "a/b\\c.png", "\u202Egpj.exe", "ä".repeat(300) + ".jpeg", "\uD800.txt", ".bashrc"]) {
      expect(areAttachments([{ ...one, name: nameFor(name) }]), name).toBe(true);
    }
    expect(nameFor("ä".repeat(300) + ".jpeg").endsWith(".jpeg")).toBe(true);
    for (const type of ["", "image/PNG", "text/plain; charset=utf-8", "x", "a/".padEnd(300, "b")]) expect(areAttachments([{ ...one, type: typeFor(type) }]), type).toBe(true);
    expect(typeFor("image/PNG")).toBe("image/png");
  });
});

describe("the first message of a conversation", () => {
  const held = (at: At) => (at.workspace.uploads.views.get().get(NEW_DRAFT_KEY) ?? []).map(({ stage }) => stage);

  it("takes files that were chosen before there was a conversation, encrypted once (MSG-4)", async () => {
    amara.workspace.uploads.add(NEW_DRAFT_KEY, [file(1_200_000), file(10, "list.txt", "text/plain")]);
    await until(() => held(amara).join() === "held,held", "both to be encrypted");
    expect(amara.browser.log).not.toContain("beginFile");
    amara.workspace.drafts.save(conversationId, { text: " See the CT ", priority: "urgent", needsAcknowledgement: true });
    amara.workspace.uploads.begin(conversationId);
    amara.workspace.departures.ask(conversationId);
    expect(amara.workspace.departures.state.get().get(conversationId)).toBe("waiting");
    const attachments = await received(jonas);
    expect(attachments.map(({ name }) => name)).toEqual(["ct.pdf", "list.txt"]);
    const message = jonas.workspace.mailbox.thread(conversationId).state.get().messages.at(-1)!;
    expect(message).toMatchObject({ priority: "urgent", needs_acknowledgement: true, body: { content: { text: "See the CT" } } });
    expect(await isContent(await jonas.workspace.downloads.open(conversationId, attachments[0]!), 1_200_000)).toBe(true);
    await until(() => amara.workspace.departures.state.get().size === 0, "it to have left");
    expect(amara.workspace.drafts.get(conversationId)).toBeUndefined();
    expect(held(amara)).toEqual([]);
  });

  it("says about which patient it is, with files or without (SAF-1)", async () => {
    const { match_id } = await amara.browser.api.matchPatient({ mrn: ROSA.mrn, birth_date: ROSA.birth_date });
    conversationId = await amara.workspace.commands.run("start", { kind: "group", userIds: [JONAS.user_id], matchId: match_id });
    amara.workspace.uploads.add(conversationId, [file(10)]);
    amara.workspace.departures.ask(conversationId);
    await received(jonas);
    await jonas.workspace.send({ conversationId, content: { kind: "text", text: "Seen" }, priority: "routine", needsAcknowledgement: false });
    await until(() => server.rooms.get(conversationId)!.log.filter(({ kind }) => kind === "message").length === 2, "both messages");
    for (const { body } of server.rooms.get(conversationId)!.log.filter(({ kind }) => kind === "message")) {
      const { content: sealed } = JSON.parse(new TextDecoder().decode(decodeBase64Url(body))) as { content: string };
      expect(JSON.parse(sealed)).toMatchObject({ patient_id: ROSA.patient_id });
    }
  });

  it("goes on with one that is still being encrypted", async () => {
    amara.workspace.uploads.add(NEW_DRAFT_KEY, [file(400_000)]);
    amara.workspace.uploads.begin(conversationId);
    amara.workspace.departures.ask(conversationId);
    expect((await received(jonas))[0]!.name).toBe("ct.pdf");
  });

  it("stays a draft when a file is refused, and leaves when it is sent without that one", async () => {
    let refuse = true;
    amara.browser.before = (call, args) => {
      if (call === "beginFile" && (args[1] as { size: number }).size > 1000 && refuse) throw problem("too-many-files", 413, { detail: "Full." });
    };
    amara.workspace.drafts.save(conversationId, { text: "Both", priority: "routine", needsAcknowledgement: false });
    amara.workspace.uploads.add(conversationId, [file(5000), file(10, "list.txt", "text/plain")]);
    amara.workspace.departures.ask(conversationId);
    await until(() => amara.workspace.departures.state.get().get(conversationId) === "held-back", "it to be held back");
    expect(amara.workspace.drafts.get(conversationId)?.text).toBe("Both");
    refuse = false;
    await until(() => stages(amara).join() === "failed,ready");
    amara.workspace.uploads.cancel(conversationId, views(amara)[0]!.id);
    expect(amara.workspace.departures.state.get().get(conversationId)).toBe("held-back");
    amara.workspace.departures.ask(conversationId);
    expect((await received(jonas)).map(({ name }) => name)).toEqual(["list.txt"]);
  });

  it("does not leave with a part of its files because the page goes away", async () => {
    let letGo = () => undefined as void;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    amara.workspace.drafts.save(conversationId, { text: "Both or none", priority: "routine", needsAcknowledgement: false });
    amara.browser.before = (call, args) => (call === "putFilePart" && (args[2] as { size: number }).size > 1000 ? gate : undefined);
    amara.workspace.uploads.add(conversationId, [file(5000), file(10, "list.txt", "text/plain")]);
    await until(() => stages(amara).join() === "uploading,ready");
    amara.workspace.departures.ask(conversationId);
    amara.workspace.uploads.close();
    letGo();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await pullThePlug(amara);
    expect(server.rooms.get(conversationId)!.log.filter(({ kind }) => kind === "message")).toEqual([]);
    amara = await sitDown(server, AMARA.user_id, { after: amara });
    expect(amara.workspace.drafts.get(conversationId)?.text).toBe("Both or none");
  });
});
