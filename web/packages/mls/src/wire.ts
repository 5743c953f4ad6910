/** What crosses the module's border, as lib/conversation/wire.h and lib/wasm/engine.h have it. */
import { Reader, Writer } from "./codec.ts";
import {
  type CommitIntent, type DeviceLogStatus, type LoggedCertificate, type MemberDevice, MlsError, type MlsErrorCode, type NewMember,
  type OpenedConversation, type OwnDevice, type PendingCommit,
} from "./engine.ts";

export const Method = {
  keyPackages: 1,
  create: 2,
  welcomeReferences: 3,
  join: 4,
  joinByExternalCommit: 5,
  open: 6,
  forget: 7,
  describe: 8,
  process: 9,
  protect: 10,
  commit: 11,
  rebase: 12,
  mergePending: 13,
  dropPending: 14,
  logStatus: 15,
  learn: 16,
  prove: 17,
  readLog: 18,
  sizeOfCheckpoint: 19,
  compareCheckpoint: 20,
  proveMembers: 21,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** By number, from 1. Null: a fault of the host or of this wrapper. */
const ERROR_CODES: readonly (MlsErrorCode | null)[] = [
  "unknown-conversation", "future-epoch", "keys-gone", "invalid-message", "invalid-credential", "not-for-this-device", "commit-pending",
  "no-pending-commit", "commit-needed", "not-a-member", "unreadable-state", null, null, "unlogged-device", "log-alarm",
];

/** The reader of what a call gives; throws what it refused. */
export function readAnswer(answer: Uint8Array): Reader {
  const input = new Reader(answer);
  const code = input.uint(1);
  if (code === 0) return input;
  const rule = input.text();
  const known = ERROR_CODES[code - 1];
  if (known === undefined || known === null) throw new Error(`The MLS module failed (${code}${rule && `, ${rule}`}).`);
  throw new MlsError(known, rule === "" ? undefined : rule, input.vector(readHash));
}

/** State as the module gives it: sealed under the conversation's key, in two parts. */
export interface ModuleState {
  readonly base: Uint8Array;
  readonly ratchets: Uint8Array;
}

export const writeState = (out: Writer, state: ModuleState) => out.opaque(state.base).opaque(state.ratchets);
export const readState = (input: Reader): ModuleState => ({ base: input.opaque(), ratchets: input.opaque() });

export const writeDevice = (out: Writer, device: MemberDevice) => out.text(device.userId).text(device.deviceId);
export const readDevice = (input: Reader): MemberDevice => ({ userId: input.text(), deviceId: input.text() });

export const writeNewMember = (out: Writer, member: NewMember) => writeDevice(out, member).opaque(member.keyPackage);
const readNewMember = (input: Reader): NewMember => ({ ...readDevice(input), keyPackage: input.opaque() });

export const writeIntent = (out: Writer, intent: CommitIntent) => out.vector(intent.add, writeNewMember).vector(intent.remove, writeDevice);
export const readIntent = (input: Reader): CommitIntent => ({ add: input.vector(readNewMember), remove: input.vector(readDevice) });

export function readPending(input: Reader): Omit<PendingCommit, "sealedState"> {
  const epoch = input.long();
  const commit = input.opaque();
  const welcome = input.optional((inner) => inner.opaque());
  const groupInfo = input.opaque();
  return { epoch, commit, ...(welcome && { welcome }), groupInfo, added: input.vector(readDevice), removed: input.vector(readDevice) };
}

export const readOpened = (input: Reader): OpenedConversation => ({
  conversationId: readId(input),
  epoch: input.long(),
  members: input.vector(readDevice),
  pending: input.optional(readPending),
});

const HASH_SIZE = 32;
const readHash = (input: Reader) => input.raw(HASH_SIZE);

/** Others made these: a hash of another size would shift what stands behind it. */
export function writeHash(out: Writer, hash: Uint8Array): Writer {
  if (hash.length !== HASH_SIZE) throw new MlsError("log-alarm", "not-included");
  return out.raw(hash);
}

export const writeLogged = (out: Writer, { certificate, index, proof }: LoggedCertificate) =>
  writeHash(out, certificate).uint(index, 8).vector(proof, writeHash);

export function readLogStatus(input: Reader): DeviceLogStatus {
  return {
    size: input.long(),
    checkpoint: input.text(),
    unread: input.optional((inner) => ({ first: inner.long(), last: inner.long() })),
    state: input.opaque(),
  };
}

export const readOwnDevice = (input: Reader): OwnDevice => ({ deviceId: input.text(), issuedAt: input.long() });

export function writeId(out: Writer, conversationId: string): Writer {
  const digits = conversationId.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new TypeError("A conversation id is a UUID.");
  return out.raw(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

function readId(input: Reader): string {
  const digits = Array.from(input.raw(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const EntryKind = { ownMessage: 0, pastEpoch: 1, application: 2, commit: 3, proposal: 4 } as const;

export function readEntry(input: Reader) {
  return {
    kind: input.uint(1),
    epoch: input.long(),
    sender: input.optional(readDevice),
    content: input.opaque(),
    own: input.flag(),
    removedSelf: input.flag(),
    needsCommit: input.flag(),
    added: input.vector(readDevice),
    removed: input.vector(readDevice),
    lost: input.optional(readIntent),
    state: readState(input),
  };
}
