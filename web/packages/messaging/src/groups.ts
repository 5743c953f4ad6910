/** Who is in a conversation: begin one, join one, add and remove, and see each commit through to the server's answer. */
import { type Confirmed, decodeBase64Url, encodeBase64Url, isProblem, isTransient, type NewConversation } from "@wardline/api";
import { MlsError, type NewMember, type PendingCommit } from "@wardline/mls/engine";
import type { LeadingCore } from "./core.ts";
import { reopen } from "./apply.ts";
import { begunBefore } from "./begun_before.ts";
import { GroupError } from "./group_error.ts";
import { comings } from "./membership.ts";
import { type ConversationRecord, type LostCommit, newConversationRecord, type PendingCommitRecord, type SettledCommit } from "./records.ts";
import { uuidv7 } from "./uuid.ts";

export interface StartRequest {
  readonly kind: "direct" | "group";
  readonly userIds: readonly string[];
  readonly matchId?: string;
  /** Whom the match is of. */
  readonly patientId?: string;
  /** What was answered about them: without it the server lets nobody in about whom something is asked. */
  readonly confirmed?: Confirmed;
}

type Wish = Omit<PendingCommitRecord, "idempotency_id">;

interface Staged {
  readonly pending: PendingCommit;
  readonly record: PendingCommitRecord;
}

const MAXIMUM_ROUNDS = 8;
const STARTS_KEY = "starts";
const commitKey = (conversationId: string) => `commit:${conversationId}`;

export class Groups {
  private readonly core: LeadingCore;
  private readonly catchUp: (conversationId: string) => Promise<void>;
  private readonly lost = new Map<string, LostCommit>();
  private readonly settling = new Set<string>();

  constructor(core: LeadingCore, catchUp: (conversationId: string) => Promise<void>) {
    this.core = core;
    this.catchUp = catchUp;
  }

  /**
   * The new conversation's id; or that of one which this browser has begun with the same people about the same patient and in which
   * nothing has been said: whoever was not told of it begins it again.
   */
  start(request: StartRequest): Promise<string> {
    return this.core.queue.run(STARTS_KEY, async () => {
      await this.finishStarts();
      return (await begunBefore(this.core, request)) ?? this.begin(request);
    });
  }

  /** Bundles whose answer was lost: repeating one gives the same answer. */
  resumeStarts(): Promise<void> {
    return this.core.queue.run(STARTS_KEY, () => this.finishStarts());
  }

  private async begin(request: StartRequest): Promise<string> {
    const conversationId = uuidv7();
    const members = await this.claim(conversationId, [...request.userIds, this.core.me.userId]);
    const pending = await this.core.engine.createConversation({ conversationId, members });
    const bundle: NewConversation = {
      conversation_id: conversationId,
      kind: request.kind,
      user_ids: [...request.userIds],
      ...(request.matchId !== undefined && { match_id: request.matchId }),
      ...(request.confirmed !== undefined && { confirmed: request.confirmed }),
      group_info_0: encodeBase64Url(pending.groupInfo0),
      commit: encodeBase64Url(pending.commit),
      welcome: encodeBase64Url(pending.welcome ?? new Uint8Array()),
      group_info: encodeBase64Url(pending.groupInfo),
    };
    await this.core.store.write([
      { table: "mls", key: conversationId, value: pending.sealedState },
      { table: "creations", key: conversationId, value: bundle },
    ]);
    await this.finishStart(bundle);
    return conversationId;
  }

  private async finishStarts(): Promise<void> {
    for (const { value } of await this.core.store.list<NewConversation>("creations")) {
      const state = await this.core.store.get<Uint8Array>("mls", value.conversation_id);
      if (state !== undefined) await this.core.engine.open(value.conversation_id, state);
      await this.finishStart(value).catch((error: unknown) => {
        if (!(error instanceof GroupError)) throw error;
      });
    }
  }

  async add(conversationId: string, userIds: readonly string[], confirmed?: Confirmed): Promise<void> {
    const members = await this.claim(conversationId, userIds);
    const wish = { user_ids_added: userIds, user_ids_removed: [], ...(confirmed !== undefined && { confirmed }) };
    await this.change(conversationId, wish, () => this.core.engine.commitAdd({ conversationId, members }));
  }

  async remove(conversationId: string, userId: string): Promise<void> {
    await this.change(conversationId, { user_ids_added: [], user_ids_removed: [userId] }, async () => {
      const { members } = await this.core.engine.describe(conversationId);
      return this.core.engine.commitRemove({ conversationId, members: members.filter((member) => member.userId === userId) });
    });
  }

  /** Commits what the server proposed, unless somebody did so meanwhile. */
  async commitWaiting(conversationId: string): Promise<void> {
    await this.change(conversationId, { user_ids_added: [], user_ids_removed: [] }, async () => {
      const record = await this.core.store.get<ConversationRecord>("conversations", conversationId);
      return record?.needs_commit ? this.core.engine.commitWaiting(conversationId) : null;
    });
  }

  /** After a reload: the commit that waited for its answer goes out again under its own idempotency id. */
  async resumeCommit(conversationId: string, pending: Omit<PendingCommit, "sealedState">, record: PendingCommitRecord): Promise<void> {
    await this.core.queue.run(commitKey(conversationId), () => this.settle(conversationId, pending, record));
  }

  /** The log brought a commit that won against ours. */
  commitLost(conversationId: string, lost: LostCommit): void {
    this.lost.set(conversationId, lost);
    if (this.settling.has(conversationId)) return;
    void this.core.queue.run(commitKey(conversationId), () => this.rebase(conversationId)).catch(() => undefined);
  }

  private async change(conversationId: string, wish: Wish, make: () => Promise<PendingCommit | null>): Promise<void> {
    await this.core.queue.run(commitKey(conversationId), async () => {
      const staged = await this.stage(conversationId, wish, make);
      if (staged !== null) await this.settle(conversationId, staged.pending, staged.record);
    });
  }

  /** Makes a commit and writes it down before anybody hears of it. */
  private stage(
    conversationId: string,
    wish: Wish,
    make: () => Promise<PendingCommit | null>,
  ): Promise<Staged | null> {
    const { store, queue } = this.core;
    return queue.run(conversationId, async () => {
      const pending = await make();
      if (pending === null) return null;
      const record = { ...wish, idempotency_id: uuidv7() };
      const conversation = (await store.get<ConversationRecord>("conversations", conversationId))!;
      try {
        await store.write([
          { table: "mls", key: conversationId, value: pending.sealedState },
          { table: "conversations", key: conversationId, value: { ...conversation, pending_commit: record } },
        ]);
      } catch (error) {
        await reopen(this.core, conversationId);
        throw error;
      }
      return { pending, record };
    });
  }

  private async settle(conversationId: string, first: Omit<PendingCommit, "sealedState">, firstRecord: PendingCommitRecord): Promise<void> {
    let pending = first;
    let record = firstRecord;
    this.settling.add(conversationId);
    try {
      for (let round = 0; round < MAXIMUM_ROUNDS; round += 1) {
        if (await this.offer(conversationId, pending, record)) return this.merge(conversationId, record);
        await this.catchUp(conversationId);
        const next = await this.restage(conversationId);
        if (next === null) return;
        ({ pending, record } = next);
      }
      throw new GroupError("busy");
    } finally {
      this.settling.delete(conversationId);
    }
  }

  /** True when accepted, false when another commit took the epoch. */
  private async offer(conversationId: string, pending: Omit<PendingCommit, "sealedState">, record: PendingCommitRecord): Promise<boolean> {
    try {
      await this.core.api.postCommit(conversationId, {
        idempotency_id: record.idempotency_id,
        epoch: pending.epoch,
        commit: encodeBase64Url(pending.commit),
        ...(pending.welcome && { welcome: encodeBase64Url(pending.welcome) }),
        group_info: encodeBase64Url(pending.groupInfo),
        user_ids_added: [...record.user_ids_added],
        user_ids_removed: [...record.user_ids_removed],
        ...(record.confirmed !== undefined && { confirmed: record.confirmed }),
      });
      return true;
    } catch (error) {
      if (isProblem(error, "epoch-taken")) return false;
      if (!isProblem(error) || isTransient(error) || error.status === 401) throw error;
      await this.drop(conversationId);
      throw new GroupError("refused", [], error.body.detail ?? error.body.title);
    }
  }

  private async rebase(conversationId: string): Promise<void> {
    const next = await this.restage(conversationId);
    if (next !== null) await this.settle(conversationId, next.pending, next.record);
  }

  private async restage(conversationId: string): Promise<Staged | null> {
    const lost = this.lost.get(conversationId);
    this.lost.delete(conversationId);
    // Nothing was lost: the commit that took the epoch was our own, its answer had gone astray.
    if (lost === undefined) return null;
    const { intent, record } = lost;
    const usersOf = (named: readonly string[] | undefined, devices: readonly { userId: string }[]) =>
      named !== undefined && named.length > 0 ? named : [...new Set(devices.map((device) => device.userId))];
    const wish = {
      user_ids_added: usersOf(record?.user_ids_added, intent.add),
      user_ids_removed: usersOf(record?.user_ids_removed, intent.remove),
      ...(record?.confirmed !== undefined && { confirmed: record.confirmed }),
    };
    return this.stage(conversationId, wish, () => this.core.engine.rebase(conversationId, intent));
  }

  private merge(conversationId: string, { idempotency_id }: PendingCommitRecord): Promise<void> {
    const { engine } = this.core;
    return this.finish(conversationId, async () => {
      const before = await engine.describe(conversationId);
      // The echo of our commit may have merged it already, and told of it.
      if (before.pending === null) return null;
      const { members, sealedState } = await engine.mergePending(conversationId);
      return { sealedState, settled: { idempotency_id, ...comings(before.members, members) } };
    });
  }

  private drop(conversationId: string): Promise<void> {
    const { engine } = this.core;
    return this.finish(conversationId, async () => ((await engine.describe(conversationId)).pending === null ? null : engine.dropPending(conversationId)));
  }

  private finish(conversationId: string, act: () => Promise<{ sealedState: Uint8Array; settled?: SettledCommit } | null>): Promise<void> {
    const { store, queue, changed } = this.core;
    return queue.run(conversationId, async () => {
      const done = await act();
      const record = await store.get<ConversationRecord>("conversations", conversationId);
      const settled = [...(record?.settled ?? []), ...(done?.settled ? [done.settled] : [])];
      const cleared = record && { ...record, pending_commit: null, needs_commit: false, settled };
      await store.write([
        ...(done ? [{ table: "mls" as const, key: conversationId, value: done.sealedState }] : []),
        ...(cleared ? [{ table: "conversations" as const, key: conversationId, value: cleared }] : []),
      ]);
      changed(`conversation:${conversationId}`);
    });
  }

  private async claim(conversationId: string, userIds: readonly string[]): Promise<NewMember[]> {
    const { claimed, without_device } = await this.core.api.claimKeyPackages(conversationId, [...userIds]);
    const missing = without_device.filter((user) => user !== this.core.me.userId);
    if (missing.length > 0) throw new GroupError("without-device", missing);
    return claimed
      .filter((item) => item.device_id !== this.core.me.deviceId)
      .map((item) => ({ userId: item.user_id, deviceId: item.device_id, keyPackage: decodeBase64Url(item.key_package) }));
  }

  private async finishStart(bundle: NewConversation): Promise<void> {
    const { api, engine, store, queue, changed } = this.core;
    const conversationId = bundle.conversation_id;
    const created = await api.createConversation(bundle).catch(async (error: unknown) => {
      if (!isProblem(error) || isTransient(error) || error.status === 401) throw error;
      await engine.forget(conversationId);
      await store.write([
        { table: "mls", key: conversationId, remove: true },
        { table: "creations", key: conversationId, remove: true },
      ]);
      throw new GroupError("refused", [], error.body.detail ?? error.body.title);
    });
    await queue.run(conversationId, async () => {
      // The cursor is 0: the creator reads the log from its beginning, and its own first commit is passed over there.
      const { sealedState } = await mergeOrKeep(this.core, conversationId);
      await store.write([
        ...(sealedState ? [{ table: "mls" as const, key: conversationId, value: sealedState }] : []),
        { table: "conversations", key: conversationId, value: newConversationRecord(created, "joined", 0) },
        { table: "creations", key: conversationId, remove: true },
      ]);
      changed(`conversation:${conversationId}`);
    });
  }
}

async function mergeOrKeep(core: LeadingCore, conversationId: string): Promise<{ sealedState: Uint8Array | null }> {
  try {
    return await core.engine.mergePending(conversationId);
  } catch (error) {
    if (error instanceof MlsError && error.code === "no-pending-commit") return { sealedState: null };
    throw error;
  }
}
