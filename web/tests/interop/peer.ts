/** Members over lib/mls/member, moved through tests/interop/peer.h: natively or inside a page. */
import { Reader, Writer } from "../../packages/mls/src/codec.ts";
import { type Bundle, type Bytes, type CommitRequest, type Member, type Received, type View, readView } from "./member.ts";

/** Gives a request to a peer. */
export type Call = (request: Uint8Array) => Promise<Uint8Array>;

const Method = {
  newMember: 1,
  describe: 2,
  keyPackage: 3,
  create: 4,
  join: 5,
  joinExternally: 6,
  mergePending: 7,
  discardPending: 8,
  commit: 9,
  commitAgain: 10,
  propose: 11,
  proposeUpdate: 12,
  receive: 13,
  protect: 14,
  view: 15,
  groupInfo: 16,
  ratchetTree: 17,
  storeAndLoad: 18,
  forget: 19,
  proposeExternally: 20,
  addPsk: 21,
  viewSealed: 22,
  followGroup: 23,
  follow: 24,
  followed: 25,
} as const;

const PUBLIC_MESSAGE = 1;
const PRIVATE_MESSAGE = 2;
const EVENTS = ["application", "proposal", "commit", "commit"] as const;

/** The message is the id of the rule that was broken: docs/mls-rules.md. */
export class Refused extends Error {
  override readonly name = "Refused";
}

export class Peer {
  private readonly ask: Call;
  readonly now: () => number;

  /** `now`: seconds since 1970. */
  constructor(ask: Call, now: () => number = () => Math.floor(Date.now() / 1000)) {
    this.ask = ask;
    this.now = now;
  }

  async call(method: number, write: (out: Writer) => unknown = () => undefined): Promise<Reader> {
    const out = new Writer().uint(this.now(), 8).uint(method, 1);
    write(out);
    const answer = new Reader(await this.ask(out.take()));
    if (answer.uint(1) !== 0) throw new Refused(answer.text());
    return answer;
  }

  /** A member with a signing key of its own; `credential`: as on the wire, for its public key. */
  async member(name: string, suite: number, credential: (publicKey: Bytes) => Bytes | Promise<Bytes>, options: PeerOptions = {}): Promise<PeerMember> {
    const made = await this.call(Method.newMember, (out) => out.uint(suite, 2));
    const id = made.uint(4);
    const publicKey = made.opaque();
    const encoded = await credential(publicKey);
    const types = options.extensionTypes ?? [];
    await this.call(Method.describe, (out) => out.uint(id, 4).raw(encoded).vector(types, (inner, type) => inner.uint(type, 2)));
    return new PeerMember(this, name, id, publicKey, options.privateHandshakes === true ? PRIVATE_MESSAGE : PUBLIC_MESSAGE);
  }

  /** An external PSK that all members here know. */
  async addPsk(id: Bytes, secret: Bytes): Promise<void> {
    await this.call(Method.addPsk, (out) => out.opaque(id).opaque(secret));
  }

  /** What an engine has sealed: a group, and what messages have changed in it since. */
  async viewSealed(key: Bytes, group: Bytes, ratchets: Bytes): Promise<View> {
    return readView(await this.call(Method.viewSealed, (out) => out.opaque(key).opaque(group).opaque(ratchets)));
  }

  /** Follows a group from outside, as the server does. `groupInfo` is of its first epoch, with the tree. */
  async followGroup(groupInfo: Bytes): Promise<void> {
    await this.call(Method.followGroup, (out) => out.opaque(groupInfo));
  }

  /** A handshake, with the GroupInfo of the epoch that it begins if it is a commit. */
  async follow(groupId: Bytes, message: Bytes, groupInfo?: Bytes): Promise<void> {
    await this.call(Method.follow, (out) => out.opaque(groupId).opaque(message).optional(groupInfo, (inner, info) => inner.opaque(info)));
  }

  async followed(groupId: Bytes): Promise<FollowedGroup> {
    const answer = await this.call(Method.followed, (out) => out.opaque(groupId));
    return { epoch: answer.long(), treeHash: answer.opaque(), confirmedTranscriptHash: answer.opaque(), ratchetTree: answer.opaque() };
  }
}

/** A group as a delivery service sees it. */
export interface FollowedGroup {
  readonly epoch: number;
  readonly treeHash: Bytes;
  readonly confirmedTranscriptHash: Bytes;
  readonly ratchetTree: Bytes;
}

/** With the GroupInfo of the epoch that the commit begins, without the tree. */
export type MemberBundle = Bundle & { readonly groupInfo: Bytes };

export interface PeerOptions {
  /** Commits and proposals travel as PrivateMessage. */
  readonly privateHandshakes?: boolean;
  /** Extension types that the member says it supports, beyond those of RFC 9420. */
  readonly extensionTypes?: readonly number[];
}

export class PeerMember implements Member {
  readonly name: string;
  readonly publicKey: Bytes;
  private readonly peer: Peer;
  private readonly id: number;
  private readonly handshakes: number;

  constructor(peer: Peer, name: string, id: number, publicKey: Bytes, handshakes: number) {
    this.peer = peer;
    this.name = name;
    this.id = id;
    this.publicKey = publicKey;
    this.handshakes = handshakes;
  }

  async keyPackage(): Promise<Bytes> {
    return (await this.call(Method.keyPackage)).opaque();
  }

  async create(groupId: Bytes, extensions: Bytes = Uint8Array.of(0)): Promise<void> {
    await this.call(Method.create, (out) => out.opaque(groupId).raw(extensions).uint(this.handshakes, 2));
  }

  async join(welcome: Bytes, tree?: Bytes): Promise<void> {
    await this.call(Method.join, (out) => out.opaque(welcome).optional(tree, (inner, wire) => inner.opaque(wire)).uint(this.handshakes, 2));
  }

  async ratchetTree(): Promise<Bytes> {
    return (await this.call(Method.ratchetTree)).opaque();
  }

  async groupInfo(): Promise<Bytes> {
    return (await this.call(Method.groupInfo, (out) => out.uint(1, 1))).opaque();
  }

  async joinExternally(groupInfo: Bytes): Promise<Bytes> {
    return (await this.beginExternalJoin(groupInfo)).commit;
  }

  /** `replaces`: the own leaf of before. */
  async beginExternalJoin(groupInfo: Bytes, tree?: Bytes, replaces?: number): Promise<MemberBundle> {
    const write = (out: Writer) =>
      out
        .opaque(groupInfo)
        .optional(tree, (inner, wire) => inner.opaque(wire))
        .optional(replaces, (inner, leaf) => inner.uint(leaf, 4))
        .uint(this.handshakes, 2);
    return readBundle(await this.call(Method.joinExternally, write));
  }

  async propose(proposal: Bytes): Promise<Bytes> {
    return (await this.call(Method.propose, (out) => out.raw(proposal))).opaque();
  }

  async proposeUpdate(): Promise<Bytes> {
    return (await this.call(Method.proposeUpdate)).opaque();
  }

  /** As the external sender at `index` of the group's external_senders. */
  async proposeExternally(groupId: Bytes, epoch: number, index: number, proposal: Bytes): Promise<Bytes> {
    return (await this.call(Method.proposeExternally, (out) => out.opaque(groupId).uint(epoch, 8).uint(index, 4).raw(proposal))).opaque();
  }

  async commit({ proposals = [], withPath = false, treeInWelcome = true }: CommitRequest = {}): Promise<MemberBundle> {
    const write = (out: Writer) =>
      out
        .vector(proposals, (inner, each) => inner.raw(each))
        .uint(1, 1)
        .uint(withPath ? 1 : 0, 1)
        .uint(treeInWelcome ? 1 : 0, 1);
    return readBundle(await this.call(Method.commit, write));
  }

  /** After a lost race: what is left of the commit that lost it. */
  async commitAgain(): Promise<MemberBundle> {
    return readBundle(await this.call(Method.commitAgain));
  }

  async merge(): Promise<void> {
    await this.call(Method.mergePending);
  }

  async discard(): Promise<void> {
    await this.call(Method.discardPending);
  }

  async receive(message: Bytes): Promise<Received> {
    const answer = await this.call(Method.receive, (out) => out.opaque(message));
    const kind = EVENTS[answer.uint(1) - 1]!;
    answer.long();
    answer.uint(4);
    const data = answer.opaque();
    answer.opaque();
    return { kind, data, removedSelf: answer.flag() };
  }

  async protect(data: Bytes): Promise<Bytes> {
    return (await this.call(Method.protect, (out) => out.opaque(data).opaque(new Uint8Array()))).opaque();
  }

  async view(): Promise<View> {
    return readView(await this.call(Method.view));
  }

  async storeAndLoad(): Promise<void> {
    await this.call(Method.storeAndLoad);
  }

  async forget(): Promise<void> {
    await this.peer.call(Method.forget, (out) => out.uint(this.id, 4));
  }

  private call(method: number, write: (out: Writer) => unknown = () => undefined): Promise<Reader> {
    return this.peer.call(method, (out) => write(out.uint(this.id, 4)));
  }
}

function readBundle(input: Reader) {
  return { commit: input.opaque(), welcome: input.optional((inner) => inner.opaque()), groupInfo: input.opaque() };
}
