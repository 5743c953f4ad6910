/**
 * The engine, with proofs fetched where a call meets devices that are not known to be in the device log: the call has changed
 * nothing then, and is made again once `prove` has proven them (with `proveLogged` of the engine itself). What cannot be proven,
 * `prove` rejects, and so does the call.
 */
import { type MlsEngine, MlsError } from "./engine.ts";

/** The calls that look at leaves. Those that send do so once after a conversation was opened, and where leaves are new. */
const CALLS: ReadonlySet<PropertyKey> = new Set<keyof MlsEngine>([
  "createConversation", "joinFromWelcome", "joinByExternalCommit", "processEntry", "proveMembers", "protect", "commitAdd", "commitRemove", "commitWaiting", "rebase",
]);
/** Between two tries others may be met, never many times over. */
const MAXIMUM_ROUNDS = 4;

type Call = (...args: unknown[]) => Promise<unknown>;

export function trusting<E extends MlsEngine>(engine: E, prove: (certificates: readonly Uint8Array[]) => Promise<void>): E {
  return new Proxy(engine, {
    get(target, name) {
      const member = target[name as keyof E];
      if (typeof member !== "function") return member;
      const call = (member as unknown as Call).bind(target);
      return CALLS.has(name) ? (...args: unknown[]) => again(() => call(...args), prove) : call;
    },
  });
}

async function again(call: () => Promise<unknown>, prove: (certificates: readonly Uint8Array[]) => Promise<void>): Promise<unknown> {
  for (let round = 1; ; round += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof MlsError) || error.code !== "unlogged-device" || round === MAXIMUM_ROUNDS) throw error;
      await prove(error.unlogged);
    }
  }
}
