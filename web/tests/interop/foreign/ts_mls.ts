/** A member over the npm package ts-mls: an implementation that others wrote. */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import {
  type CiphersuiteImpl, type ClientState, type KeyPackage, type MLSMessage, type PrivateKeyPackage, type Proposal, acceptAll, bytesToBase64,
  createApplicationMessage, createCommit, createGroup, createGroupInfoWithExternalPubAndRatchetTree, createProposal, decodeMlsMessage,
  defaultCapabilities, encodeMlsMessage, generateKeyPackageWithKey, getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, joinGroupExternal,
  ciphersuites, makePskIndex, mlsExporter, processMessage, zeroOutUint8Array,
} from "ts-mls";
import { decodeExtension } from "ts-mls/extension.js";
import { decodeVarLenType } from "ts-mls/codec/variableLength.js";
import { decodeProposal } from "ts-mls/proposal.js";
import { decodeRatchetTree, ratchetTreeEncoder } from "ts-mls/ratchetTree.js";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { type Bundle, type Bytes, type CommitRequest, EXPORT, type Member, type Received, type View, expect, utf8 } from "../member.ts";

/** RFC 9420 §5.1.1 has EC points uncompressed. The package makes compressed ones; it takes both. */
const CURVES: Record<number, { getPublicKey(key: Uint8Array, compressed: boolean): Uint8Array } | undefined> = { 2: p256, 5: p521, 7: p384 };

export interface TsMlsOptions {
  /** Signature keys as the package makes them. */
  readonly ownKeys?: boolean;
  /** Lifetimes as the package makes them: until the end of time. */
  readonly endless?: boolean;
  readonly privateHandshakes?: boolean;
  readonly psks?: ReadonlyMap<string, Bytes>;
}

export class TsMlsMember implements Member {
  readonly name: string;
  readonly suite: CiphersuiteImpl;
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
  private readonly options: TsMlsOptions;
  private current: ClientState | null = null;
  private pending: ClientState | null = null;

  private constructor(name: string, suite: CiphersuiteImpl, packages: { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }, options: TsMlsOptions) {
    this.name = name;
    this.suite = suite;
    this.publicPackage = packages.publicPackage;
    this.privatePackage = packages.privatePackage;
    this.options = options;
  }

  static async create(name: string, suite: number, options: TsMlsOptions = {}): Promise<TsMlsMember> {
    const implementation = await getImplementation(suite);
    const { signKey, publicKey } = await implementation.signature.keygen();
    const uncompressed = options.ownKeys === true ? undefined : CURVES[suite]?.getPublicKey(signKey, false);
    const now = BigInt(Math.floor(Date.now() / 1000));
    const lifetime = options.endless === true ? { notBefore: 0n, notAfter: 0x7fffffffffffffffn } : { notBefore: now - 86_400n, notAfter: now + 30n * 86_400n };
    const packages = await generateKeyPackageWithKey(
      { credentialType: "basic", identity: utf8(name) as Uint8Array },
      defaultCapabilities(),
      lifetime,
      [],
      { signKey, publicKey: uncompressed ?? publicKey },
      implementation,
    );
    return new TsMlsMember(name, implementation, packages, options);
  }

  get state(): ClientState {
    expect(this.current, `${this.name} is in a group`);
    return this.current;
  }

  async keyPackage(): Promise<Bytes> {
    return message({ wireformat: "mls_key_package", version: "mls10", keyPackage: this.publicPackage });
  }

  async create(groupId: Bytes, extensions: Bytes = Uint8Array.of(0)): Promise<void> {
    const decoded = decodeVarLenType(decodeExtension)(extensions as Uint8Array, 0);
    expect(decoded, "extensions decode");
    this.current = await createGroup(groupId as Uint8Array, this.publicPackage, this.privatePackage, decoded[0], this.suite);
  }

  async join(welcome: Bytes, tree?: Bytes): Promise<void> {
    const decoded = decodeMlsMessage(welcome as Uint8Array, 0)?.[0];
    expect(decoded?.wireformat === "mls_welcome", "a Welcome decodes");
    const apart = tree === undefined ? undefined : decodeRatchetTree(tree as Uint8Array, 0)?.[0];
    this.current = await joinGroup(decoded.welcome, this.publicPackage, this.privatePackage, this.psks(), this.suite, apart);
  }

  async ratchetTree(): Promise<Bytes> {
    return encode(ratchetTreeEncoder)(this.state.ratchetTree);
  }

  async groupInfo(): Promise<Bytes> {
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.state, [], this.suite);
    return message({ wireformat: "mls_group_info", version: "mls10", groupInfo });
  }

  async joinExternally(groupInfo: Bytes): Promise<Bytes> {
    const decoded = decodeMlsMessage(groupInfo as Uint8Array, 0)?.[0];
    expect(decoded?.wireformat === "mls_group_info", "a GroupInfo decodes");
    const joined = await joinGroupExternal(decoded.groupInfo, this.publicPackage, this.privatePackage, false, this.suite);
    this.pending = joined.newState;
    return message({ wireformat: "mls_public_message", version: "mls10", publicMessage: joined.publicMessage });
  }

  async propose(wire: Bytes): Promise<Bytes> {
    const made = await createProposal(this.state, this.options.privateHandshakes !== true, read(wire), this.suite);
    this.current = made.newState;
    return message(made.message);
  }

  /** The package decides by itself whether a commit has a path; it makes one for a commit without proposals. */
  async commit({ proposals = [], withPath = false, treeInWelcome = true }: CommitRequest = {}): Promise<Bundle> {
    expect(!withPath || proposals.length === 0, "ts-mls makes a path for other proposals only where it must");
    const made = await createCommit(
      { state: this.state, cipherSuite: this.suite, pskIndex: this.psks() },
      { wireAsPublicMessage: this.options.privateHandshakes !== true, extraProposals: proposals.map(read), ratchetTreeExtension: treeInWelcome },
    );
    this.pending = made.newState;
    const welcome = made.welcome && message({ wireformat: "mls_welcome", version: "mls10", welcome: made.welcome });
    return { commit: message(made.commit), welcome: welcome ?? null };
  }

  async merge(): Promise<void> {
    expect(this.pending, `${this.name} has a pending commit`);
    this.current = this.pending;
    this.pending = null;
  }

  async receive(wire: Bytes): Promise<Received> {
    const decoded = decodeMlsMessage(wire as Uint8Array, 0)?.[0];
    expect(decoded?.wireformat === "mls_public_message" || decoded?.wireformat === "mls_private_message", "a message decodes");
    const epoch = this.state.groupContext.epoch;
    const result = await processMessage(decoded, this.state, this.psks(), acceptAll, this.suite);
    this.current = result.newState;
    result.consumed.forEach(zeroOutUint8Array);
    if (result.kind === "applicationMessage") return { kind: "application", data: result.message, removedSelf: false };
    const removedSelf = result.newState.groupActiveState.kind === "removedFromGroup";
    return { kind: result.newState.groupContext.epoch > epoch || removedSelf ? "commit" : "proposal", data: new Uint8Array(), removedSelf };
  }

  async protect(data: Bytes): Promise<Bytes> {
    const made = await createApplicationMessage(this.state, data as Uint8Array, this.suite);
    this.current = made.newState;
    made.consumed.forEach(zeroOutUint8Array);
    return message({ wireformat: "mls_private_message", version: "mls10", privateMessage: made.privateMessage });
  }

  async view(): Promise<View> {
    const { groupContext, keySchedule, ratchetTree, privatePath } = this.state;
    const { label, context, length } = EXPORT;
    return {
      epoch: Number(groupContext.epoch),
      ownLeaf: privatePath.leafIndex,
      treeHash: groupContext.treeHash,
      confirmedTranscriptHash: groupContext.confirmedTranscriptHash,
      epochAuthenticator: keySchedule.epochAuthenticator,
      exported: await mlsExporter(keySchedule.exporterSecret, label, context, length, this.suite),
      members: ratchetTree.flatMap((node, index) => (node?.nodeType === "leaf" ? [{ leaf: index / 2, signatureKey: node.leaf.signaturePublicKey }] : [])),
    };
  }

  private psks() {
    const known = Object.fromEntries([...(this.options.psks ?? [])].map(([id, secret]) => [bytesToBase64(utf8(id) as Uint8Array), secret as Uint8Array]));
    return makePskIndex(this.current ?? undefined, known);
  }
}

const message = (value: MLSMessage): Bytes => encodeMlsMessage(value);

export async function getImplementation(suite: number): Promise<CiphersuiteImpl> {
  const name = (Object.keys(ciphersuites) as (keyof typeof ciphersuites)[]).find((each) => Number(ciphersuites[each]) === suite);
  expect(name, `ts-mls has suite ${suite}`);
  return getCiphersuiteImpl(getCiphersuiteFromName(name));
}

function read(wire: Bytes): Proposal {
  const decoded = decodeProposal(wire as Uint8Array, 0);
  expect(decoded !== undefined && decoded[1] === wire.length, "a proposal decodes whole");
  return decoded[0];
}
