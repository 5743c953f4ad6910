/** A member over lib/mls/member itself, natively or as a module in the page: with all that the engine keeps to itself. */
import { Writer } from "../../../packages/mls/src/codec.ts";
import type { Hospital } from "../../../packages/mls/src/testing/hospital.ts";
import { type Bytes, type View, equal, expect, extensions, proposal, text, utf8 } from "../member.ts";
import type { Peer, PeerMember } from "../peer.ts";
import type { Committed, Invitation, Person, Seen, Wish } from "./person.ts";

const EXTERNAL_SENDERS = 5;
/** RFC 9420 §17.3; the devices of the product support it. */
const LAST_RESORT = 0x000a;
const P256 = 2;

export class PeerPerson implements Person {
  readonly name: string;
  readonly kind: string;
  readonly userId: string;
  readonly deviceId: string;
  private readonly member: PeerMember;
  private readonly externalSender: Bytes;

  private constructor(name: string, kind: string, device: { userId: string; deviceId: string }, member: PeerMember, externalSender: Bytes) {
    this.name = name;
    this.kind = kind;
    this.userId = device.userId;
    this.deviceId = device.deviceId;
    this.member = member;
    this.externalSender = externalSender;
  }

  static async create(name: string, kind: string, peer: Peer, hospital: Hospital): Promise<PeerPerson> {
    const device = { userId: crypto.randomUUID() as string, deviceId: crypto.randomUUID() as string };
    const credential = async (publicKey: Bytes) => {
      const certificate = await hospital.certify(publicKey as Uint8Array, device.userId, device.deviceId);
      return new Writer().uint(2, 2).vector([certificate], (out, each) => out.opaque(each)).take();
    };
    const member = await peer.member(name, P256, credential, { extensionTypes: [LAST_RESORT] });
    return new PeerPerson(name, kind, device, member, hospital.deliveryService().externalSender);
  }

  get publicKey(): Bytes {
    return this.member.publicKey;
  }

  async create(conversationId: string): Promise<Bytes> {
    const id = Uint8Array.from(conversationId.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const senders = new Writer().vector([this.externalSender], (out, each) => out.raw(each)).take();
    await this.member.create(id, extensions([{ type: EXTERNAL_SENDERS, data: senders }]));
    return this.member.groupInfo();
  }

  async invitation(): Promise<Invitation> {
    return { userId: this.userId, deviceId: this.deviceId, keyPackage: await this.member.keyPackage() };
  }

  join(welcome: Bytes, tree: Bytes): Promise<void> {
    return this.member.join(welcome, tree);
  }

  joinExternally(groupInfo: Bytes, tree: Bytes): Promise<Committed> {
    return this.member.beginExternalJoin(groupInfo, tree);
  }

  async commit({ add = [], remove = [] }: Wish = {}): Promise<Committed> {
    const removals = await Promise.all(remove.map((each) => this.removal(each)));
    const proposals = [...removals, ...add.map((each) => proposal.add(each.keyPackage))];
    return this.member.commit({ proposals, withPath: proposals.length === 0, treeInWelcome: false });
  }

  commitAgain(): Promise<Committed> {
    return this.member.commitAgain();
  }

  merge(): Promise<void> {
    return this.member.merge();
  }

  discard(): Promise<void> {
    return this.member.discard();
  }

  async receive(message: Bytes): Promise<Seen> {
    const { kind, data, removedSelf } = await this.member.receive(message);
    return { kind, words: text(data), sender: null, removedSelf };
  }

  protect(words: string): Promise<Bytes> {
    return this.member.protect(utf8(words));
  }

  view(): Promise<View> {
    return this.member.view();
  }

  restart(): Promise<void> {
    return this.member.storeAndLoad();
  }

  readonly propose = {
    update: () => this.member.proposeUpdate(),
    add: (invitation: Invitation) => this.member.propose(proposal.add(invitation.keyPackage)),
    remove: async (person: Person) => this.member.propose(await this.removal(person)),
  };

  private async removal(person: Person): Promise<Bytes> {
    const found = (await this.view()).members.find((each) => equal(each.signatureKey, person.publicKey));
    expect(found, `${person.name} is in the group`);
    return proposal.remove(found.leaf);
  }
}
