/** A member whose MLS is the engine of the web client: in the page as browsers have it, or the same C++ natively. */
import { Reader } from "../../../packages/mls/src/codec.ts";
import type { CommitIntent, MlsEngine, PendingCommit, StateSealer } from "../../../packages/mls/src/engine.ts";
import { openState } from "../../../packages/mls/src/sealing.ts";
import { type Bytes, type View, expect, text, utf8 } from "../member.ts";
import type { Peer } from "../peer.ts";
import type { Committed, Invitation, Person, Seen, Wish } from "./person.ts";

export interface EngineDevice {
  readonly userId: string;
  readonly deviceId: string;
  readonly publicKey: Bytes;
  readonly sealer: StateSealer;
  start(): Promise<MlsEngine>;
}

export class EnginePerson implements Person {
  readonly name: string;
  readonly kind: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly publicKey: Bytes;
  private readonly device: EngineDevice;
  /** Opens what the engine has sealed. */
  private readonly witness: Peer;
  private readonly packages = new Map<string, Bytes>();
  private engine: MlsEngine;
  private conversationId = "";
  private state: Bytes = new Uint8Array();
  private lost: CommitIntent | null = null;

  private constructor(name: string, kind: string, device: EngineDevice, witness: Peer, engine: MlsEngine) {
    this.name = name;
    this.kind = kind;
    this.userId = device.userId;
    this.deviceId = device.deviceId;
    this.publicKey = device.publicKey;
    this.device = device;
    this.witness = witness;
    this.engine = engine;
  }

  static async create(name: string, kind: string, device: EngineDevice, witness: Peer): Promise<EnginePerson> {
    return new EnginePerson(name, kind, device, witness, await device.start());
  }

  async create(conversationId: string): Promise<Bytes> {
    const { groupInfo0 } = await this.engine.createConversation({ conversationId, members: [] });
    this.conversationId = conversationId;
    this.state = (await this.engine.dropPending(conversationId)).sealedState;
    return groupInfo0;
  }

  async invitation(): Promise<Invitation> {
    const [made] = await this.engine.keyPackages({ count: 1 });
    this.packages.set(made!.reference, made!.sealedPrivate);
    return { userId: this.userId, deviceId: this.deviceId, keyPackage: made!.keyPackage };
  }

  async join(welcome: Bytes, tree: Bytes): Promise<void> {
    const findPrivate = async (reference: string) => this.packages.get(reference) ?? null;
    const joined = await this.engine.joinFromWelcome({ welcome, ratchetTree: tree, findPrivate });
    this.packages.delete(joined.keyPackageReference);
    this.conversationId = joined.conversationId;
    this.state = joined.sealedState;
  }

  async joinExternally(groupInfo: Bytes, tree: Bytes): Promise<Committed> {
    const info = new Reader(groupInfo.subarray(4));
    info.raw(4);
    const id = Array.from(info.opaque(), (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.conversationId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return this.committed(await this.engine.joinByExternalCommit({ conversationId: this.conversationId, groupInfo, ratchetTree: tree }));
  }

  async commit({ add = [], remove = [] }: Wish = {}): Promise<Committed> {
    expect(add.length === 0 || remove.length === 0, "the engine adds or removes in one commit");
    const { conversationId } = this;
    if (add.length > 0) return this.committed(await this.engine.commitAdd({ conversationId, members: add }));
    if (remove.length > 0) return this.committed(await this.engine.commitRemove({ conversationId, members: remove }));
    return this.committed(await this.engine.commitWaiting(conversationId));
  }

  async commitAgain(): Promise<Committed> {
    expect(this.lost, `${this.name} is told what its commit was to do`);
    const again = await this.engine.rebase(this.conversationId, this.lost);
    expect(again, `something is left of the commit of ${this.name}`);
    this.lost = null;
    return this.committed(again);
  }

  async merge(): Promise<void> {
    this.state = (await this.engine.mergePending(this.conversationId)).sealedState;
  }

  async discard(): Promise<void> {
    this.state = (await this.engine.dropPending(this.conversationId)).sealedState;
  }

  async receive(message: Bytes): Promise<Seen> {
    const entry = await this.engine.processEntry({ conversationId: this.conversationId, body: message });
    expect(entry.kind !== "ignored", `a message is ${entry.kind === "ignored" ? entry.reason : ""}`);
    this.state = entry.sealedState;
    if (entry.kind === "application") return { kind: entry.kind, words: text(entry.content), sender: entry.sender, removedSelf: false };
    if (entry.kind === "proposal") return { kind: entry.kind, words: "", sender: null, removedSelf: false };
    this.lost = entry.lost;
    return { kind: entry.kind, words: "", sender: entry.sender, removedSelf: entry.removedSelf };
  }

  async protect(words: string): Promise<Bytes> {
    const { message, sealedState } = await this.engine.protect({ conversationId: this.conversationId, content: utf8(words) });
    this.state = sealedState;
    return message;
  }

  /** The engine tells nobody its secrets. What it has sealed for its host does, to whoever has the host's key. */
  async view(): Promise<View> {
    const { key, content } = await openState(this.device.sealer, this.state);
    const base = new Reader(content.base);
    base.uint(1);
    return this.witness.viewSealed(key, base.opaque(), content.ratchets);
  }

  async restart(): Promise<void> {
    await this.engine.close();
    this.engine = await this.device.start();
    await this.engine.open(this.conversationId, this.state);
  }

  private committed(pending: PendingCommit): Committed {
    this.state = pending.sealedState;
    return { commit: pending.commit, welcome: pending.welcome ?? null, groupInfo: pending.groupInfo };
  }
}
