/** Engine calls as calls of the module: writes what they take, reads what they give, and seals. */
import { Reader, Writer } from "./codec.ts";
import {
  type CommitIntent, type DeviceLogStatus, type JoinedConversation, type KeyPackageForUpload, type LoggedCertificate, type MemberDevice,
  type MlsEngine, MlsError, type NewMember,
  type OpenedConversation, type PendingCommit, type PendingConversation, type ProcessedEntry, type StateSealer,
} from "./engine.ts";
import type { Runner } from "./host/runner.ts";
import { newKey, openPrivate, openState, sealedPrivate, sealedState } from "./sealing.ts";
import {
  EntryKind, Method, readAnswer, readDevice, readEntry, readLogStatus, readOpened, readOwnDevice, readPending, readState, writeHash, writeId,
  writeIntent, writeLogged, writeNewMember, writeState,
} from "./wire.ts";

export class WasmEngine implements MlsEngine {
  private readonly runner: Runner;
  private readonly sealer: StateSealer;
  private readonly now: () => number;
  /** The wrapped sealing key of each open conversation. */
  private readonly wrapped = new Map<string, Uint8Array>();
  // One queue for all conversations: the module runs one call at a time.
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(runner: Runner, sealer: StateSealer, now: () => number) {
    this.runner = runner;
    this.sealer = sealer;
    this.now = now;
  }

  keyPackages({ count, lastResort = false }: { count: number; lastResort?: boolean }): Promise<readonly KeyPackageForUpload[]> {
    return this.enqueue(async () => {
      const { key, wrapped } = await newKey(this.sealer);
      const answer = await this.call(Method.keyPackages, (out) => out.uint(count, 4).uint(lastResort ? 1 : 0, 1).opaque(key), key);
      return answer.vector((input) => ({
        reference: base64url(input.opaque()),
        keyPackage: input.opaque(),
        sealedPrivate: sealedPrivate(wrapped, input.opaque()),
        expiresAt: input.long(),
      }));
    });
  }

  createConversation({ conversationId, members }: { conversationId: string; members: readonly NewMember[] }): Promise<PendingConversation> {
    return this.enqueue(async () => {
      const { key, wrapped } = await newKey(this.sealer);
      const answer = await this.call(Method.create, (out) => writeId(out, conversationId).vector(members, writeNewMember).opaque(key), key);
      this.wrapped.set(conversationId, wrapped);
      return { groupInfo0: answer.opaque(), ...this.staged(conversationId, answer) };
    });
  }

  joinFromWelcome(request: Parameters<MlsEngine["joinFromWelcome"]>[0]): Promise<JoinedConversation> {
    return this.enqueue(async () => {
      const references = (await this.call(Method.welcomeReferences, (out) => out.opaque(request.welcome))).vector((input) => input.opaque());
      const bundle = await this.findBundle(references, request.findPrivate);
      const { key, wrapped } = await newKey(this.sealer);
      const write = (out: Writer) =>
        out
          .opaque(request.welcome)
          .optional(request.ratchetTree, (inner, tree) => inner.opaque(tree))
          .opaque(bundle.key)
          .opaque(bundle.content)
          .opaque(key);
      const answer = await this.call(Method.join, write, key, bundle.key);
      const opened = readOpened(answer);
      this.wrapped.set(opened.conversationId, wrapped);
      return { ...opened, keyPackageReference: base64url(answer.opaque()), sealedState: this.sealed(opened.conversationId, answer) };
    });
  }

  joinByExternalCommit(request: Parameters<MlsEngine["joinByExternalCommit"]>[0]): Promise<PendingCommit> {
    return this.enqueue(async () => {
      const { key, wrapped } = await newKey(this.sealer);
      const write = (out: Writer) =>
        writeId(out, request.conversationId)
          .opaque(request.groupInfo)
          .optional(request.ratchetTree, (inner, tree) => inner.opaque(tree))
          .opaque(key);
      const answer = await this.call(Method.joinByExternalCommit, write, key);
      this.wrapped.set(request.conversationId, wrapped);
      return this.staged(request.conversationId, answer);
    });
  }

  open(conversationId: string, sealed: Uint8Array): Promise<OpenedConversation> {
    return this.enqueue(async () => {
      const { key, wrapped, content } = await openState(this.sealer, sealed);
      const answer = await this.call(Method.open, (out) => writeState(writeId(out, conversationId), content).opaque(key), key);
      this.wrapped.set(conversationId, wrapped);
      return readOpened(answer);
    });
  }

  forget(conversationId: string): Promise<void> {
    return this.enqueue(async () => {
      await this.call(Method.forget, (out) => writeId(out, conversationId));
      this.wrapped.delete(conversationId);
    });
  }

  describe(conversationId: string): Promise<OpenedConversation> {
    return this.enqueue(async () => readOpened(await this.call(Method.describe, (out) => writeId(out, conversationId))));
  }

  processEntry({ conversationId, body }: { conversationId: string; body: Uint8Array }): Promise<ProcessedEntry> {
    return this.enqueue(async () => {
      const answer = await this.call(Method.process, (out) => writeId(out, conversationId).opaque(body));
      return this.processed(conversationId, readEntry(answer));
    });
  }

  protect({ conversationId, content }: { conversationId: string; content: Uint8Array }) {
    return this.enqueue(async () => {
      const answer = await this.call(Method.protect, (out) => writeId(out, conversationId).opaque(content));
      return { message: answer.opaque(), epoch: answer.long(), sealedState: this.sealed(conversationId, answer) };
    });
  }

  proveMembers(conversationId: string): Promise<void> {
    return this.enqueue(async () => {
      await this.call(Method.proveMembers, (out) => writeId(out, conversationId));
    });
  }

  commitAdd({ conversationId, members }: { conversationId: string; members: readonly NewMember[] }): Promise<PendingCommit> {
    return this.commit(conversationId, { add: members, remove: [] });
  }

  commitRemove({ conversationId, members }: { conversationId: string; members: readonly MemberDevice[] }): Promise<PendingCommit> {
    return this.commit(conversationId, { add: [], remove: members });
  }

  commitWaiting(conversationId: string): Promise<PendingCommit> {
    return this.commit(conversationId, { add: [], remove: [] });
  }

  mergePending(conversationId: string) {
    return this.enqueue(async () => {
      const answer = await this.call(Method.mergePending, (out) => writeId(out, conversationId));
      return { epoch: answer.long(), members: answer.vector(readDevice), sealedState: this.sealed(conversationId, answer) };
    });
  }

  dropPending(conversationId: string) {
    return this.enqueue(async () => {
      const answer = await this.call(Method.dropPending, (out) => writeId(out, conversationId));
      return { sealedState: this.sealed(conversationId, answer) };
    });
  }

  rebase(conversationId: string, intent: CommitIntent): Promise<PendingCommit | null> {
    return this.enqueue(async () => {
      const answer = await this.call(Method.rebase, (out) => writeIntent(writeId(out, conversationId), intent));
      return answer.optional((input) => this.staged(conversationId, input));
    });
  }

  deviceLog(): Promise<DeviceLogStatus> {
    return this.enqueue(async () => readLogStatus(await this.call(Method.logStatus, () => undefined)));
  }

  learnCheckpoint({ checkpoint, consistency }: { checkpoint: string; consistency: readonly Uint8Array[] }): Promise<DeviceLogStatus> {
    return this.enqueue(async () => readLogStatus(await this.call(Method.learn, (out) => out.text(checkpoint).vector(consistency, writeHash))));
  }

  proveLogged(logged: readonly LoggedCertificate[]): Promise<DeviceLogStatus> {
    return this.enqueue(async () => readLogStatus(await this.call(Method.prove, (out) => out.vector(logged, writeLogged))));
  }

  readDeviceLog({ entries, proof }: { entries: readonly string[]; proof: readonly Uint8Array[] }) {
    return this.enqueue(async () => {
      const write = (out: Writer) => out.vector(entries, (inner, entry) => inner.text(entry)).vector(proof, writeHash);
      const answer = await this.call(Method.readLog, write);
      return { own: answer.vector(readOwnDevice), status: readLogStatus(answer) };
    });
  }

  sizeOfCheckpoint(checkpoint: string): Promise<number> {
    return this.enqueue(async () => (await this.call(Method.sizeOfCheckpoint, (out) => out.text(checkpoint))).long());
  }

  compareCheckpoint({ checkpoint, consistency }: { checkpoint: string; consistency: readonly Uint8Array[] }): Promise<void> {
    return this.enqueue(async () => {
      await this.call(Method.compareCheckpoint, (out) => out.text(checkpoint).vector(consistency, writeHash));
    });
  }

  close(): Promise<void> {
    const done = this.enqueue(async () => {
      this.runner.close();
      this.wrapped.clear();
    });
    this.closed = true;
    return done;
  }

  private commit(conversationId: string, intent: CommitIntent): Promise<PendingCommit> {
    return this.enqueue(async () => {
      const answer = await this.call(Method.commit, (out) => writeIntent(writeId(out, conversationId), intent));
      return this.staged(conversationId, answer);
    });
  }

  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    if (this.closed) return Promise.reject(new MlsError("closed"));
    const run = this.last.then(task, task);
    this.last = run.catch(() => undefined);
    return run;
  }

  /** Calls the module. `keys` are wiped afterwards, whatever comes of it. */
  private async call(method: Method, write: (out: Writer) => unknown, ...keys: Uint8Array[]): Promise<Reader> {
    const out = new Writer().uint(this.now(), 8).uint(method, 1);
    write(out);
    const request = out.take();
    try {
      return readAnswer(await this.runner.run("wardline_call", request));
    } finally {
      request.fill(0);
      for (const key of keys) key.fill(0);
    }
  }

  private sealed(conversationId: string, answer: Reader): Uint8Array {
    return this.wrap(conversationId, readState(answer));
  }

  private wrap(conversationId: string, state: ReturnType<typeof readState>): Uint8Array {
    const wrapped = this.wrapped.get(conversationId);
    if (wrapped === undefined) throw new MlsError("unknown-conversation");
    return sealedState(wrapped, state);
  }

  private staged(conversationId: string, answer: Reader): PendingCommit {
    return { ...readPending(answer), sealedState: this.sealed(conversationId, answer) };
  }

  private async findBundle(references: readonly Uint8Array[], findPrivate: (reference: string) => Promise<Uint8Array | null>) {
    for (const reference of references) {
      const sealed = await findPrivate(base64url(reference));
      if (sealed !== null) return openPrivate(this.sealer, sealed);
    }
    throw new MlsError("not-for-this-device");
  }

  private processed(conversationId: string, entry: ReturnType<typeof readEntry>): ProcessedEntry {
    if (entry.kind === EntryKind.ownMessage) return { kind: "ignored", reason: "own-message" };
    if (entry.kind === EntryKind.pastEpoch) return { kind: "ignored", reason: "past-epoch" };
    const { sender, epoch, content, own, added, removed, removedSelf, needsCommit, lost } = entry;
    const state = this.wrap(conversationId, entry.state);
    if (entry.kind === EntryKind.proposal) return { kind: "proposal", needsCommit, removes: removed, sealedState: state };
    if (entry.kind === EntryKind.commit) return { kind: "commit", sender, epoch, own, added, removed, removedSelf, lost, sealedState: state };
    if (sender === null) throw new MlsError("invalid-credential");
    return { kind: "application", sender, epoch, content, sealedState: state };
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
