/** A stand-in for MLS with the same manners (epochs, pending commits, key packages, sealed state) and no cryptography at all. */
import { type CommitIntent, type CreateMlsEngine, type EngineOptions, type MemberDevice, type MlsEngine, MlsError, type NewMember, type OpenedConversation, type PendingCommit, type ProcessedEntry } from "@wardline/mls/engine";

import { certificateHash, DoubleLogView } from "./device_log.ts";

interface Group {
  id: string;
  epoch: number;
  members: MemberDevice[];
  sent: number;
  waiting: MemberDevice[];
  pending: { epoch: number; commit: string; welcome?: string; groupInfo: string; intent: CommitIntent; members: MemberDevice[] } | null;
}

interface Frame {
  type: "app" | "commit" | "proposal";
  id: string;
  epoch: number;
  sender: MemberDevice | null;
  nonce: string;
  content?: string;
  add?: MemberDevice[];
  remove?: MemberDevice[];
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;
const same = (left: MemberDevice, right: MemberDevice) => left.deviceId === right.deviceId;
const without = (members: MemberDevice[], gone: readonly MemberDevice[]) => members.filter((member) => !gone.some((other) => same(member, other)));

export interface DoubleEngine extends MlsEngine {
  /** How often each call was made, for tests. */
  readonly calls: Record<string, number>;
}

export const createDoubleEngine: CreateMlsEngine = async (options) => new Engine(options);

class Engine implements DoubleEngine {
  readonly calls: Record<string, number> = {};
  private readonly groups = new Map<string, Group>();
  private readonly me: MemberDevice;
  private readonly options: EngineOptions;
  private readonly deviceLogView: DoubleLogView;

  constructor(options: EngineOptions) {
    this.options = options;
    this.me = { userId: options.identity.userId, deviceId: options.identity.deviceId };
    this.deviceLogView = new DoubleLogView(options.deliveryService.deviceLogKey, options.deviceLogState);
  }

  async keyPackages({ count, lastResort = false }: { count: number; lastResort?: boolean }) {
    const references = Array.from({ length: count + (lastResort ? 1 : 0) }, () => crypto.randomUUID());
    return Promise.all(
      references.map(async (reference) => ({
        reference,
        keyPackage: encode({ ...this.me, reference }),
        sealedPrivate: await this.options.sealer.seal(encode(reference), `key package ${reference}`),
        expiresAt: 2 ** 52,
      })),
    );
  }

  async createConversation({ conversationId, members }: { conversationId: string; members: readonly NewMember[] }) {
    this.checkLogged(members);
    const group: Group = { id: conversationId, epoch: 0, members: [this.me], sent: 0, waiting: [], pending: null };
    this.groups.set(conversationId, group);
    const groupInfo0 = encode({ id: conversationId, epoch: 0, members: [this.me] });
    return { groupInfo0, ...(await this.stage(group, { add: members, remove: [] })) };
  }

  async joinFromWelcome({ welcome, findPrivate }: Parameters<MlsEngine["joinFromWelcome"]>[0]) {
    const { id, epoch, members, references } = decode<{ id: string; epoch: number; members: MemberDevice[]; references: string[] }>(welcome);
    for (const reference of references) {
      const sealed = await findPrivate(reference);
      if (sealed === null) continue;
      await this.options.sealer.open(sealed, `key package ${reference}`);
      this.checkLogged(members);
      const group: Group = { id, epoch, members, sent: 0, waiting: [], pending: null };
      this.groups.set(id, group);
      return { ...this.view(group), keyPackageReference: reference, sealedState: await this.seal(group) };
    }
    throw new MlsError("not-for-this-device");
  }

  async joinByExternalCommit({ conversationId, groupInfo }: { conversationId: string; groupInfo: Uint8Array }) {
    const { epoch, members } = decode<{ epoch: number; members: MemberDevice[] }>(groupInfo);
    this.checkLogged(members);
    const group: Group = { id: conversationId, epoch, members: [...members], sent: 0, waiting: [], pending: null };
    this.groups.set(conversationId, group);
    return this.stage(group, { add: [{ ...this.me, keyPackage: encode({ ...this.me, reference: "" }) }], remove: [] });
  }

  async open(conversationId: string, sealedState: Uint8Array) {
    const group = decode<Group>(await this.options.sealer.open(sealedState, conversationId));
    if (group.pending) group.pending.intent = { ...group.pending.intent, add: group.pending.intent.add.map((item) => ({ ...item, keyPackage: new Uint8Array() })) };
    this.groups.set(conversationId, group);
    return this.view(group);
  }

  async forget(conversationId: string) {
    this.groups.delete(conversationId);
  }

  async describe(conversationId: string) {
    return this.view(this.group(conversationId));
  }

  async processEntry({ conversationId, body }: { conversationId: string; body: Uint8Array }): Promise<ProcessedEntry> {
    this.count("processEntry");
    const group = this.group(conversationId);
    const frame = decode<Frame>(body);
    if (frame.id !== conversationId) throw new MlsError("invalid-message");
    if (frame.epoch > group.epoch) throw new MlsError("future-epoch");
    if (frame.type === "app") return this.processMessage(group, frame);
    if (frame.epoch < group.epoch) return { kind: "ignored", reason: "past-epoch" };
    if (frame.type === "proposal") {
      group.waiting = frame.remove ?? [];
      return { kind: "proposal", needsCommit: true, removes: group.waiting, sealedState: await this.seal(group) };
    }
    return this.processCommit(group, frame, new TextDecoder().decode(body));
  }

  async protect({ conversationId, content }: { conversationId: string; content: Uint8Array }) {
    this.count("protect");
    const group = this.group(conversationId);
    if (group.waiting.length > 0) throw new MlsError("commit-needed");
    if (group.pending) throw new MlsError("commit-pending");
    await this.proveMembers(conversationId);
    group.sent += 1;
    const frame: Frame = { type: "app", id: group.id, epoch: group.epoch, sender: this.me, nonce: crypto.randomUUID(), content: new TextDecoder().decode(content) };
    return { message: encode(frame), epoch: group.epoch, sealedState: await this.seal(group) };
  }

  async proveMembers(conversationId: string) {
    this.checkLogged(this.group(conversationId).members);
  }

  commitAdd = ({ conversationId, members }: { conversationId: string; members: readonly NewMember[] }) =>
    this.stage(this.group(conversationId), { add: members, remove: [] });
  commitRemove = ({ conversationId, members }: { conversationId: string; members: readonly MemberDevice[] }) =>
    this.stage(this.group(conversationId), { add: [], remove: members });
  commitWaiting = (conversationId: string) => this.stage(this.group(conversationId), { add: [], remove: [] });

  async mergePending(conversationId: string) {
    const group = this.group(conversationId);
    if (!group.pending) throw new MlsError("no-pending-commit");
    this.merge(group, group.pending.members);
    return { epoch: group.epoch, members: group.members, sealedState: await this.seal(group) };
  }

  async dropPending(conversationId: string) {
    const group = this.group(conversationId);
    group.pending = null;
    return { sealedState: await this.seal(group) };
  }

  async rebase(conversationId: string, intent: CommitIntent) {
    const group = this.group(conversationId);
    const add = intent.add.filter((item) => !group.members.some((member) => same(member, item)));
    const remove = intent.remove.filter((item) => group.members.some((member) => same(member, item)));
    if (add.length === 0 && remove.length === 0 && group.waiting.length === 0) return null;
    return this.stage(group, { add, remove });
  }

  async deviceLog() {
    return this.deviceLogView.status();
  }

  async learnCheckpoint({ checkpoint }: { checkpoint: string }) {
    this.deviceLogView.learn(checkpoint);
    return this.deviceLogView.status();
  }

  async proveLogged(logged: Parameters<MlsEngine["proveLogged"]>[0]) {
    for (const { certificate, index } of logged) this.deviceLogView.prove(certificate, index);
    return this.deviceLogView.status();
  }

  async readDeviceLog({ entries }: { entries: readonly string[] }) {
    const said = entries.map((entry) => JSON.parse(entry) as { user: string; device: string; at: number });
    this.deviceLogView.read += entries.length;
    const own = said.filter(({ user, device }) => user === this.me.userId && device !== this.me.deviceId);
    return { own: own.map(({ device, at }) => ({ deviceId: device, issuedAt: at })), status: this.deviceLogView.status() };
  }

  async sizeOfCheckpoint(checkpoint: string) {
    return this.deviceLogView.open(checkpoint).entries.length;
  }

  async compareCheckpoint({ checkpoint }: { checkpoint: string }) {
    this.deviceLogView.compare(checkpoint);
  }

  async close() {
    this.groups.clear();
  }

  private count(name: string) {
    this.calls[name] = (this.calls[name] ?? 0) + 1;
  }

  private group(id: string): Group {
    const group = this.groups.get(id);
    if (!group) throw new MlsError("unknown-conversation");
    return group;
  }

  private view(group: Group): OpenedConversation {
    const pending = group.pending && {
      epoch: group.pending.epoch,
      commit: encode(JSON.parse(group.pending.commit)),
      ...(group.pending.welcome !== undefined && { welcome: new TextEncoder().encode(group.pending.welcome) }),
      groupInfo: new TextEncoder().encode(group.pending.groupInfo),
      added: group.pending.intent.add,
      removed: group.pending.intent.remove,
    };
    return { conversationId: group.id, epoch: group.epoch, members: group.members, pending };
  }

  private seal(group: Group): Promise<Uint8Array> {
    return this.options.sealer.seal(encode(group), group.id);
  }

  private merge(group: Group, members: MemberDevice[]) {
    Object.assign(group, { epoch: group.epoch + 1, members, waiting: [], pending: null });
  }

  private checkLogged(members: readonly MemberDevice[]): void {
    const unlogged = members.filter(({ deviceId }) => deviceId !== this.me.deviceId && !this.deviceLogView.known.has(deviceId));
    if (unlogged.length > 0) throw new MlsError("unlogged-device", undefined, unlogged.map(({ deviceId }) => certificateHash(deviceId)));
  }

  private async stage(group: Group, intent: CommitIntent): Promise<PendingCommit> {
    if (group.pending) throw new MlsError("commit-pending");
    const remove = [...intent.remove, ...group.waiting];
    this.checkLogged([...without(group.members, remove), ...intent.add]);
    const add = intent.add.map(({ userId, deviceId }) => ({ userId, deviceId }));
    const members = [...without(group.members, remove), ...add];
    const commit = JSON.stringify({ type: "commit", id: group.id, epoch: group.epoch, sender: this.me, nonce: crypto.randomUUID(), add, remove } satisfies Frame);
    const references = intent.add.map((item) => decode<{ reference: string }>(item.keyPackage).reference);
    const groupInfo = JSON.stringify({ id: group.id, epoch: group.epoch + 1, members });
    const welcome = add.length > 0 ? JSON.stringify({ id: group.id, epoch: group.epoch + 1, members, references }) : undefined;
    group.pending = { epoch: group.epoch, commit, groupInfo, intent, members, ...(welcome !== undefined && { welcome }) };
    return { ...this.view(group).pending!, sealedState: await this.seal(group) };
  }

  private async processMessage(group: Group, frame: Frame): Promise<ProcessedEntry> {
    if (frame.sender === null || frame.epoch < group.epoch - 3) throw new MlsError("keys-gone");
    if (same(frame.sender, this.me)) return { kind: "ignored", reason: "own-message" };
    const content = new TextEncoder().encode(frame.content);
    return { kind: "application", sender: frame.sender, epoch: frame.epoch, content, sealedState: await this.seal(group) };
  }

  private async processCommit(group: Group, frame: Frame, text: string): Promise<ProcessedEntry> {
    const own = group.pending !== null && group.pending.commit === text;
    const lost = group.pending !== null && !own ? group.pending.intent : null;
    const { add = [], remove = [] } = frame;
    this.checkLogged(add);
    this.merge(group, [...without(group.members, [...remove, ...add]), ...add]);
    const removedSelf = remove.some((device) => same(device, this.me));
    return { kind: "commit", sender: frame.sender, epoch: group.epoch, own, added: add, removed: remove, removedSelf, lost, sealedState: await this.seal(group) };
  }
}
