/** What engines must do about the log of device certificates (ENC-8): run like the other scenarios. */
import type { MlsEngine } from "../engine.ts";
import { trusting } from "../trusting.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { TestDeviceLog } from "./device_log.ts";
import { type Hospital, type Phone, invite, uuid } from "./hospital.ts";
import { begin, expect, expectRefusal, merge, process, talk } from "./scenarios.ts";

const hashOf = (phone: Phone) => sha256(phone.identity.certificateChain[0]!);
const sameBytes = (left: Uint8Array, right: Uint8Array) => left.length === right.length && left.every((byte, index) => byte === right[index]);

async function unlogged(call: Promise<unknown>): Promise<readonly Uint8Array[]> {
  const outcome = await call.then(() => null, (error: unknown) => error as { code?: string; unlogged?: readonly Uint8Array[] });
  expect(outcome?.code === "unlogged-device", `unlogged-device, not ${outcome?.code ?? "success"}`);
  return outcome.unlogged ?? [];
}

async function expectAlarm(call: Promise<unknown>, alarm: string): Promise<void> {
  const outcome = await call.then(() => "no error", (error: unknown) => {
    const { code, rule } = error as { code?: string; rule?: string };
    return `${code} ${rule}`;
  });
  expect(outcome === `log-alarm ${alarm}`, `${alarm}, not ${outcome}`);
}

/** A member whom the server shows a log of its own, in which the ghost is an entry: it adds the ghost in good faith. */
async function deceived(hospital: Hospital, phone: Phone, log: TestDeviceLog): Promise<MlsEngine> {
  const engine = await hospital.startAlone(phone);
  return trusting(engine, async (certificates) => {
    const { size } = await engine.deviceLog();
    await engine.learnCheckpoint({ checkpoint: log.checkpoint(), consistency: log.consistency(size) });
    await engine.proveLogged(certificates.map((certificate) => ({ certificate, index: log.find(certificate), proof: log.inclusion(log.find(certificate)) })));
  });
}

async function ghostsAreRefusedEverywhere(hospital: Hospital): Promise<void> {
  const [ann, ben, eve] = [await hospital.phone(), await hospital.phone(), await hospital.phone()];
  const ghost = await hospital.phone(ben.userId, { logged: false });
  const alone = await hospital.startAlone(ann);
  const members = [await invite(ben), await invite(ghost)];
  const met = await unlogged(alone.createConversation({ conversationId: uuid(), members }));
  expect(met.length === 2 && sameBytes(met[0]!, hashOf(ben)) && sameBytes(met[1]!, hashOf(ghost)), "one refusal names all of them");
  await hospital.prove(alone, met);
  const left = await unlogged(alone.createConversation({ conversationId: uuid(), members }));
  expect(left.length === 1 && sameBytes(left[0]!, hashOf(ghost)), "proofs are remembered, and the ghost has none");
  await alone.createConversation({ conversationId: uuid(), members: [members[0]!] });

  const id = await begin([ann, ben, eve]);
  const theirs = hospital.log.fork(hospital.log.entries.length);
  theirs.add(ghost.userId, ghost.deviceId, ghost.identity.certificateChain[0]!);
  await eve.engine.close();
  eve.engine = await deceived(hospital, eve, theirs);
  await eve.engine.open(id, eve.states.get(id)!);
  const slipped = await eve.engine.commitAdd({ conversationId: id, members: [await invite(ghost)] });
  await merge(eve, id);
  for (const phone of [ann, ben]) {
    expect((await unlogged(process(phone, id, slipped.commit))).length === 1, "a commit that adds it is refused");
    expect((await phone.engine.describe(id)).epoch === 1, "and has changed nothing");
  }
  await talk(id, ann, [ben], "we two still speak");
  const tablet = await hospital.phone(ann.userId);
  // The epoch-0 GroupInfo carries the tree.
  const lair = uuid();
  const { groupInfo0 } = await ghost.engine.createConversation({ conversationId: lair, members: [] });
  await unlogged(tablet.engine.joinByExternalCommit({ conversationId: lair, groupInfo: groupInfo0 }));
  const dia = await hospital.phone();
  theirs.add(dia.userId, dia.deviceId, dia.identity.certificateChain[0]!);
  const invited = await eve.engine.commitAdd({ conversationId: id, members: [await invite(dia)] });
  const findPrivate = async (reference: string) => dia.packages.get(reference) ?? null;
  await unlogged(dia.engine.joinFromWelcome({ welcome: invited.welcome!, findPrivate }));

  // It was no ghost after all but a slow log: the same commit is good once the proof is there.
  hospital.log.add(ghost.userId, ghost.deviceId, ghost.identity.certificateChain[0]!);
  const seen = await process(ann, id, slipped.commit);
  expect(seen.kind === "commit" && seen.added[0]?.deviceId === ghost.deviceId, "what is logged is let in");
}

async function theLogMayOnlyGrow(hospital: Hospital): Promise<void> {
  const { log } = hospital;
  const ann = await hospital.phone();
  const engine = await hospital.startAlone(ann);
  const learn = (from: TestDeviceLog, size?: number, known = 0) =>
    engine.learnCheckpoint({ checkpoint: from.checkpoint(size), consistency: from.consistency(known, size) });
  for (let index = 0; index < 4; index += 1) log.add(uuid(), uuid(), crypto.getRandomValues(new Uint8Array(20)));
  expect((await learn(log)).size === 5, "the first checkpoint is taken as it is");
  const before = await engine.deviceLog();

  const forked = log.fork(3);
  for (let index = 0; index < 5; index += 1) forked.add(uuid(), uuid(), crypto.getRandomValues(new Uint8Array(20)));
  await expectAlarm(learn(forked, 8, 5), "forked");
  await expectAlarm(learn(log, 4), "rolled-back");
  const foreign = new TestDeviceLog();
  foreign.add(uuid(), uuid(), new Uint8Array(3));
  await expectAlarm(learn(foreign), "bad-signature");
  await expectAlarm(engine.learnCheckpoint({ checkpoint: "nonsense", consistency: [] }), "malformed");
  await expectAlarm(engine.compareCheckpoint({ checkpoint: forked.checkpoint(4), consistency: forked.consistency(4, 5) }), "forked");
  await engine.compareCheckpoint({ checkpoint: log.checkpoint(4), consistency: log.consistency(4, 5) });
  expect((await engine.sizeOfCheckpoint(forked.checkpoint())) === 8, "the size of another's checkpoint is read");
  await expectAlarm(engine.sizeOfCheckpoint(foreign.checkpoint()), "bad-signature");
  expect(sameBytes((await engine.deviceLog()).state, before.state), "what was refused has left no trace");

  const again = await hospital.startAlone(ann, before.state);
  expect((await again.deviceLog()).size === 5, "what was seen survives a restart");
  await expectAlarm(hospital.startAlone(ann, before.state, foreign.key), "other-key");
  await expectRefusal(hospital.startAlone(ann, before.state.slice(1)), "unreadable-state");
}

async function peopleHearOfDevicesInTheirName(hospital: Hospital): Promise<void> {
  const { log } = hospital;
  const [ann] = [await hospital.phone(), await hospital.phone()];
  const engine = await hospital.startAlone(ann);
  await engine.learnCheckpoint({ checkpoint: log.checkpoint(), consistency: [] });
  const ghost = await hospital.phone(ann.userId);
  await hospital.phone();
  let status = await engine.learnCheckpoint({ checkpoint: log.checkpoint(), consistency: log.consistency(2) });
  const own: string[] = [];
  while (status.unread !== null) {
    const { first, last } = status.unread;
    const entries = log.entries.slice(first, last);
    const proof = log.range(first, last);
    await expectAlarm(engine.readDeviceLog({ entries: entries.map((entry) => entry.replace("certificate", "Certificate")), proof }), "forked");
    const read = await engine.readDeviceLog({ entries, proof });
    own.push(...read.own.map((device) => device.deviceId));
    ({ status } = read);
  }
  expect(own.join() === ghost.deviceId, "each device in one's own name is named, and nobody else's");
}

/** A state says nothing about which of its members were proven: it may be older than the log. */
async function oldStatesSendNothingUnproven(hospital: Hospital): Promise<void> {
  const [ann, ben] = [await hospital.phone(), await hospital.phone()];
  const id = await begin([ann, ben]);
  const content = new TextEncoder().encode("to whom?");
  const reopened = async () => {
    const engine = await hospital.startAlone(ann);
    await engine.open(id, ann.states.get(id)!);
    return engine;
  };
  const engine = await reopened();
  const met = await unlogged(engine.protect({ conversationId: id, content }));
  expect(met.length === 1 && sameBytes(met[0]!, hashOf(ben)), "everybody else in it is named");
  await unlogged(engine.proveMembers(id));
  await unlogged(engine.commitWaiting(id));
  await hospital.prove(engine, met);
  await engine.proveMembers(id);
  await engine.protect({ conversationId: id, content });

  // A server that has nothing of Ben in its log, and shows the proof of somebody else for him.
  const tampered = hospital.log.fork(0);
  tampered.add(ann.userId, ann.deviceId, ann.identity.certificateChain[0]!);
  const misled = await reopened();
  await misled.learnCheckpoint({ checkpoint: tampered.checkpoint(), consistency: [] });
  await unlogged(misled.protect({ conversationId: id, content }));
  await expectAlarm(misled.proveLogged([{ certificate: hashOf(ben), index: 0, proof: tampered.inclusion(0) }]), "not-included");
  await unlogged(misled.protect({ conversationId: id, content }));
}

export const deviceLogScenarios: Record<string, (hospital: Hospital) => Promise<void>> = {
  "a device that is not logged is refused wherever it is met (ENC-8)": ghostsAreRefusedEverywhere,
  "a state from before the log sends nothing until its members are proven (ENC-8)": oldStatesSendNothingUnproven,
  "a device log may only grow (ENC-8)": theLogMayOnlyGrow,
  "people hear of every device in their name (ENC-8)": peopleHearOfDevicesInTheirName,
};
