/** What engines must do together, run in Node.js and in browsers, with and without Promise Integration. Throws where one does not. */
import type { MemberDevice, ProcessedEntry } from "../engine.ts";
import { Hospital, type Phone, device, invite, uuid } from "./hospital.ts";

export function expect(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`Expected: ${what}`);
}

const ids = (devices: readonly MemberDevice[]) => devices.map((each) => each.deviceId).sort().join();
const same = (left: readonly MemberDevice[], right: readonly MemberDevice[]) => ids(left) === ids(right);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export async function expectRefusal(call: Promise<unknown>, code: string): Promise<void> {
  const outcome = await call.then(() => "no error", (error: unknown) => (error as { code?: string }).code ?? String(error));
  expect(outcome === code, `${code}, not ${outcome}`);
}

export async function process(phone: Phone, conversationId: string, body: Uint8Array): Promise<ProcessedEntry> {
  const entry = await phone.engine.processEntry({ conversationId, body });
  if (entry.kind !== "ignored") phone.states.set(conversationId, entry.sealedState);
  return entry;
}

/** One writes, the others read, and know who it was. */
export async function talk(conversationId: string, from: Phone, to: readonly Phone[], text: string): Promise<Uint8Array> {
  const { message, sealedState } = await from.engine.protect({ conversationId, content: encode(text) });
  from.states.set(conversationId, sealedState);
  for (const phone of to) {
    const entry = await process(phone, conversationId, message);
    expect(entry.kind === "application" && decode(entry.content) === text, `${text} arrives`);
    expect(same([entry.sender], [from]), "the sender is who wrote");
  }
  return message;
}

export async function merge(phone: Phone, conversationId: string): Promise<void> {
  const { sealedState } = await phone.engine.mergePending(conversationId);
  phone.states.set(conversationId, sealedState);
}

async function join(phone: Phone, welcome: Uint8Array): Promise<void> {
  const joined = await phone.engine.joinFromWelcome({ welcome, findPrivate: async (reference) => phone.packages.get(reference) ?? null });
  expect(phone.packages.delete(joined.keyPackageReference), "the used key package is named");
  phone.states.set(joined.conversationId, joined.sealedState);
}

/** A conversation of all phones, begun by the first. */
export async function begin(phones: readonly Phone[]): Promise<string> {
  const conversationId = uuid();
  const [first, ...others] = phones;
  const members = await Promise.all(others.map(invite));
  const bundle = await first!.engine.createConversation({ conversationId, members });
  expect(bundle.epoch === 0 && same(bundle.added, others), "the bundle adds everybody");
  await merge(first!, conversationId);
  if (bundle.welcome !== undefined) for (const phone of others) await join(phone, bundle.welcome);
  return conversationId;
}

async function restart(hospital: Hospital, phone: Phone, conversationId: string) {
  await phone.engine.close();
  phone.engine = await hospital.start(phone);
  return phone.engine.open(conversationId, phone.states.get(conversationId)!);
}

async function createJoinSendRemove(hospital: Hospital): Promise<void> {
  const [ann, ben, cem] = [await hospital.phone(), await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben]);
  await talk(id, ann, [ben], "Potassium 6.1");
  await talk(id, ben, [ann], "On my way");

  const added = await ann.engine.commitAdd({ conversationId: id, members: [await invite(cem)] });
  await expectRefusal(ann.engine.commitWaiting(id), "commit-pending");
  await merge(ann, id);
  const seen = await process(ben, id, added.commit);
  expect(seen.kind === "commit" && same(seen.added, [cem]) && seen.sender?.deviceId === ann.deviceId && !seen.own, "the addition is seen");
  await join(cem, added.welcome!);
  expect(same((await cem.engine.describe(id)).members, [ann, ben, cem]), "all three are members");
  const old = await talk(id, cem, [ann, ben], "Hello from the ward");
  await expectRefusal(process(ann, id, old), "keys-gone");
  expect((await process(cem, id, old)).kind === "ignored", "the own message is ignored");

  const removal = await ben.engine.commitRemove({ conversationId: id, members: [device(cem)] });
  const own = await process(ben, id, removal.commit);
  expect(own.kind === "commit" && own.own && same(own.removed, [cem]), "the own commit comes back and is merged");
  await expectRefusal(ben.engine.mergePending(id), "no-pending-commit");
  const gone = await process(cem, id, removal.commit);
  expect(gone.kind === "commit" && gone.removedSelf, "the removed device sees that it is out");
  await expectRefusal(cem.engine.protect({ conversationId: id, content: encode("still here?") }), "not-a-member");
  const ahead = await ben.engine.protect({ conversationId: id, content: encode("without him") });
  await expectRefusal(process(ann, id, ahead.message), "future-epoch");
  await process(ann, id, removal.commit);
  expect((await process(ann, id, ahead.message)).kind === "application", "the message opens once the commit is there");
  expect((await process(ann, id, removal.commit)).kind === "ignored", "a commit that was merged is ignored");
}

async function reloadAnywhere(hospital: Hospital): Promise<void> {
  const [ann, ben, cem] = [await hospital.phone(), await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben]);
  const first = await ann.engine.protect({ conversationId: id, content: encode("one") });
  await talk(id, ann, [ben], "two");
  await restart(hospital, ben, id);
  const late = await process(ben, id, first.message);
  expect(late.kind === "application" && decode(late.content) === "one", "a late message opens after a restart");
  await restart(hospital, ben, id);
  await expectRefusal(process(ben, id, first.message), "keys-gone");
  await talk(id, ben, [ann], "three");

  const pending = await ann.engine.commitAdd({ conversationId: id, members: [await invite(cem)] });
  ann.states.set(id, pending.sealedState);
  const opened = await restart(hospital, ann, id);
  expect(opened.pending !== null && decode(opened.pending.commit) === decode(pending.commit), "the pending commit survives a reload");
  expect(same(opened.pending.added, [cem]), "and what it does");
  await merge(ann, id);
  await process(ben, id, pending.commit);
  await join(cem, pending.welcome!);
  await restart(hospital, cem, id);
  await talk(id, cem, [ann, ben], "four");

  await expectRefusal(cem.engine.open(uuid(), cem.states.get(id)!), "unreadable-state");
  await expectRefusal(cem.engine.open(id, ann.states.get(id)!), "unreadable-state");
  const damaged = Uint8Array.from(cem.states.get(id)!);
  damaged[damaged.length - 1]! ^= 1;
  await expectRefusal(cem.engine.open(id, damaged), "unreadable-state");
  await cem.engine.forget(id);
  await expectRefusal(cem.engine.describe(id), "unknown-conversation");
  await cem.engine.close();
  await expectRefusal(cem.engine.describe(id), "closed");
}

async function losersRebase(hospital: Hospital): Promise<void> {
  const [ann, ben, cem, dia] = [await hospital.phone(), await hospital.phone(), await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben]);
  const winner = await ann.engine.commitAdd({ conversationId: id, members: [await invite(cem)] });
  await ben.engine.commitAdd({ conversationId: id, members: [await invite(cem), await invite(dia)] });
  const lost = await process(ben, id, winner.commit);
  expect(lost.kind === "commit" && !lost.own && lost.lost !== null, "the loser is told what it wanted");
  expect((await ben.engine.describe(id)).pending === null, "nothing of it is left");
  await merge(ann, id);
  await join(cem, winner.welcome!);

  const again = await ben.engine.rebase(id, lost.lost);
  expect(again !== null && same(again.added, [dia]), "only who is still missing is added");
  await merge(ben, id);
  for (const phone of [ann, cem]) await process(phone, id, again.commit);
  await join(dia, again.welcome!);
  await talk(id, dia, [ann, ben, cem], "Everybody is here");
  expect((await ben.engine.rebase(id, lost.lost)) === null, "nothing is left to do");

  const dropped = await ann.engine.commitRemove({ conversationId: id, members: [device(dia)] });
  expect(same(dropped.removed, [dia]), "the commit says whom it removes");
  ann.states.set(id, (await ann.engine.dropPending(id)).sealedState);
  await restart(hospital, ann, id);
  await talk(id, ann, [dia], "You stay");
  await expectRefusal(ann.engine.commitRemove({ conversationId: id, members: [device(await hospital.phone())] }), "not-a-member");
}

async function serverRemoves(hospital: Hospital): Promise<void> {
  const [ann, ben, cem] = [await hospital.phone(), await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben, cem]);
  const { epoch } = await ann.engine.describe(id);
  const proposal = await hospital.proposeRemoval(id, epoch, 2);
  for (const phone of [ann, ben, cem]) {
    const entry = await process(phone, id, proposal);
    expect(entry.kind === "proposal" && same(entry.removes, [cem]), "the proposal names who is to go");
    expect(entry.needsCommit === (phone !== cem), "whoever stays may commit it");
  }
  await expectRefusal(ann.engine.protect({ conversationId: id, content: encode("secret") }), "commit-needed");
  await restart(hospital, ann, id);
  await expectRefusal(ann.engine.protect({ conversationId: id, content: encode("secret") }), "commit-needed");
  const commit = await ann.engine.commitWaiting(id);
  expect(same(commit.removed, [cem]), "the commit removes who was proposed");
  await merge(ann, id);
  await process(ben, id, commit.commit);
  const gone = await process(cem, id, commit.commit);
  expect(gone.kind === "commit" && gone.removedSelf, "and that device is out");
  await talk(id, ann, [ben], "now we can speak");

  const renewed = await ben.engine.commitWaiting(id);
  await merge(ben, id);
  const entry = await process(ann, id, renewed.commit);
  expect(entry.kind === "commit" && entry.added.length + entry.removed.length === 0, "a renewal changes nobody");
  await talk(id, ann, [ben], "with new keys");
}

async function externalJoins(hospital: Hospital): Promise<void> {
  const [ann, ben] = [await hospital.phone(), await hospital.phone()];
  const tablet = await hospital.phone(ann.userId);
  const conversationId = uuid();
  const bundle = await ann.engine.createConversation({ conversationId, members: [] });
  // The epoch-0 GroupInfo carries the tree: from it anybody can join.
  const stale = await tablet.engine.joinByExternalCommit({ conversationId, groupInfo: bundle.groupInfo0 });
  expect(stale.epoch === 0 && stale.welcome === undefined, "it is a commit of epoch 0");
  await tablet.engine.forget(conversationId);
  await ann.engine.dropPending(conversationId);

  const pending = await tablet.engine.joinByExternalCommit({ conversationId, groupInfo: bundle.groupInfo0 });
  tablet.states.set(conversationId, pending.sealedState);
  const opened = await restart(hospital, tablet, conversationId);
  expect(opened.pending !== null && opened.epoch === 0, "joining survives a reload");
  const entry = await process(ann, conversationId, pending.commit);
  expect(entry.kind === "commit" && entry.sender === null && same(entry.added, [tablet]), "the newcomer is seen");
  await merge(tablet, conversationId);
  await talk(conversationId, tablet, [ann], "It is me, on the tablet");

  const joined = await ann.engine.commitAdd({ conversationId, members: [await invite(ben)] });
  await merge(ann, conversationId);
  await process(tablet, conversationId, joined.commit);
  await join(ben, joined.welcome!);
  await talk(conversationId, ben, [ann, tablet], "All three of us");
}

/** Whoever has lost their state takes the place of their old leaf. */
async function joinAnew(hospital: Hospital): Promise<void> {
  const ann = await hospital.phone();
  const conversationId = uuid();
  const bundle = await ann.engine.createConversation({ conversationId, members: [] });
  await ann.engine.forget(conversationId);
  const pending = await ann.engine.joinByExternalCommit({ conversationId, groupInfo: bundle.groupInfo0 });
  const back = await process(ann, conversationId, pending.commit);
  expect(back.kind === "commit" && back.own && back.epoch === 1, "the own commit is taken from the log");
  expect(same((await ann.engine.describe(conversationId)).members, [ann]), "nobody is there twice");
  await talk(conversationId, ann, [], "to myself");
}

async function strangersStayOut(hospital: Hospital): Promise<void> {
  const other = await Hospital.open(hospital.module, hospital.suspend);
  const [ann, ben] = [await hospital.phone(), await hospital.phone()];
  const stranger = await other.phone();
  await expectRefusal(ann.engine.createConversation({ conversationId: uuid(), members: [await invite(stranger)] }), "invalid-credential");
  const posing = { ...(await invite(ben)), userId: stranger.userId };
  await expectRefusal(ann.engine.createConversation({ conversationId: uuid(), members: [posing] }), "invalid-credential");
  await expectRefusal(hospital.phone(uuid(), { days: -0.5 }), "invalid-credential");
  // RFC 5280 §4.2.1.1: programs refuse these in OpenSSL, lib/crypto/x509/fields_test.cpp.
  await expectRefusal(hospital.phone(uuid(), { withoutKeyIdentifiers: true }), "invalid-credential");

  const id = await begin([ann, ben]);
  const { message } = await ann.engine.protect({ conversationId: id, content: encode("hello") });
  for (const at of [message.length - 1, 40, 5]) {
    const damaged = Uint8Array.from(message);
    damaged[at]! ^= 1;
    await process(ben, id, damaged).then(() => expect(false, "a damaged message is refused"), () => undefined);
  }
  expect((await process(ben, id, message)).kind === "application", "and the true one still opens");
  const proposal = await other.proposeRemoval(id, 1, 0);
  await expectRefusal(process(ben, id, proposal), "invalid-message");
}

async function callsQueue(hospital: Hospital): Promise<void> {
  const [ann, ben] = [await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben]);
  const texts = Array.from({ length: 20 }, (_, index) => `message ${index}`);
  const sent = await Promise.all(texts.map((text) => ann.engine.protect({ conversationId: id, content: encode(text) })));
  const read = await Promise.all(sent.map(({ message }) => ben.engine.processEntry({ conversationId: id, body: message })));
  expect(read.every((entry, index) => entry.kind === "application" && decode(entry.content) === texts[index]), "all arrive in order");
  const lengths = new Set(sent.map(({ message }) => message.length));
  expect(lengths.size === 1, "messages of like length cannot be told apart");
}

export const scenarios: Record<string, (hospital: Hospital) => Promise<void>> = {
  "devices create, join, send, add and remove": createJoinSendRemove,
  "a device goes on after a reload at any point": reloadAnywhere,
  "who loses an epoch makes the commit again": losersRebase,
  "what the server proposes is committed before anybody speaks": serverRemoves,
  "a new device joins from the server's GroupInfo": externalJoins,
  "a device that lost its state replaces itself": joinAnew,
  "strangers and damaged messages are refused": strangersStayOut,
  "calls that are made at once run in order": callsQueue,
};
