/** How long engine calls take, in milliseconds: medians, on a warm engine. */
import type { ProcessedEntry } from "../engine.ts";
import { type Hospital, type Phone, invite, uuid } from "./hospital.ts";

const median = (times: number[]) => times.sort((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0;

async function timed<T>(times: number[], task: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await task();
  times.push(performance.now() - started);
  return result;
}

export async function measure(hospital: Hospital, members = 32): Promise<Record<string, number>> {
  const phones: Phone[] = [];
  for (let i = 0; i < members; i += 1) phones.push(await hospital.phone());
  const [ann, ben, cem] = phones as [Phone, Phone, Phone];
  const conversationId = uuid();
  const times: Record<string, number[]> = {};
  const time = <T>(what: string, task: () => Promise<T>) => timed((times[what] ??= []), task);

  const packages = await Promise.all(phones.slice(1).map(invite));
  await time("20 key packages", () => ann.engine.keyPackages({ count: 20 }));
  const bundle = await time(`create a conversation of ${members} devices`, () => ann.engine.createConversation({ conversationId, members: packages }));
  await ann.engine.mergePending(conversationId);
  const findPrivate = (phone: Phone) => async (reference: string) => phone.packages.get(reference) ?? null;
  let state = new Uint8Array();
  for (const phone of [ben, cem]) {
    const joined = await time(`join it from the Welcome`, () => phone.engine.joinFromWelcome({ welcome: bundle.welcome!, findPrivate: findPrivate(phone) }));
    state = Uint8Array.from(joined.sealedState);
  }
  await time("open it from sealed state", () => cem.engine.open(conversationId, state));
  const content = new Uint8Array(300);
  for (let i = 0; i < 50; i += 1) {
    const { message } = await time("encrypt a message", () => ann.engine.protect({ conversationId, content }));
    await time("decrypt a message", () => ben.engine.processEntry({ conversationId, body: message }) as Promise<ProcessedEntry>);
  }
  for (let i = 0; i < 5; i += 1) {
    const { commit } = await time("commit new keys", () => ann.engine.commitWaiting(conversationId));
    await ann.engine.mergePending(conversationId);
    await time("follow such a commit", () => ben.engine.processEntry({ conversationId, body: commit }));
  }
  return Object.fromEntries(Object.entries(times).map(([what, all]) => [what, median(all)]));
}
