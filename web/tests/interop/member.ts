/** What the interoperation tests ask of a member of a group, whoever has implemented it. */
import { Reader, Writer } from "../../packages/mls/src/codec.ts";

export type Bytes = Uint8Array<ArrayBufferLike>;

/** What members of one epoch must agree on, and who they are. */
export interface View {
  readonly epoch: number;
  readonly ownLeaf: number;
  readonly treeHash: Bytes;
  readonly confirmedTranscriptHash: Bytes;
  readonly epochAuthenticator: Bytes;
  /** The exporter (RFC 9420 §8.5) for EXPORT. */
  readonly exported: Bytes;
  readonly members: readonly { readonly leaf: number; readonly signatureKey: Bytes }[];
}
export const EXPORT = { label: "wardline interop", context: new TextEncoder().encode("context"), length: 32 };

export interface Bundle {
  readonly commit: Bytes;
  readonly welcome: Bytes | null;
}

export interface CommitRequest {
  /** By value, each as it is on the wire. */
  readonly proposals?: readonly Bytes[];
  /** New keys for the committer, even where RFC 9420 §12.4 does not ask for it. */
  readonly withPath?: boolean;
  readonly treeInWelcome?: boolean;
}

export interface Received {
  readonly kind: "application" | "proposal" | "commit";
  /** Of an application message. */
  readonly data: Bytes;
  readonly removedSelf: boolean;
}

/** Messages are complete MLSMessages, as on the wire. A call that fails has changed nothing. */
export interface Member {
  readonly name: string;
  keyPackage(): Promise<Bytes>;
  create(groupId: Bytes, extensions?: Bytes): Promise<void>;
  join(welcome: Bytes, tree?: Bytes): Promise<void>;
  ratchetTree(): Promise<Bytes>;
  /** A GroupInfo with the tree and external_pub. */
  groupInfo(): Promise<Bytes>;
  joinExternally(groupInfo: Bytes): Promise<Bytes>;
  propose(proposal: Bytes): Promise<Bytes>;
  commit(request?: CommitRequest): Promise<Bundle>;
  /** The delivery service has taken the commit. */
  merge(): Promise<void>;
  receive(message: Bytes): Promise<Received>;
  protect(data: Bytes): Promise<Bytes>;
  view(): Promise<View>;
}

/** Proposals (RFC 9420 §12.1) as they are on the wire. */
export const proposal = {
  add: (keyPackage: Bytes) => new Writer().uint(1, 2).raw(keyPackage.subarray(4)).take(),
  remove: (leaf: number) => new Writer().uint(3, 2).uint(leaf, 4).take(),
  externalPsk: (id: Bytes, nonce: Bytes) => new Writer().uint(4, 2).uint(1, 1).opaque(id).opaque(nonce).take(),
  extensions: (extensions: Bytes) => new Writer().uint(7, 2).raw(extensions).take(),
};

/** A vector of extensions. */
export const extensions = (list: readonly { readonly type: number; readonly data: Bytes }[]) =>
  new Writer().vector(list, (out, each) => out.uint(each.type, 2).opaque(each.data)).take();

export const basicCredential = (identity: string) => new Writer().uint(1, 2).text(identity).take();

export const hex = (bytes: Bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const equal = (left: Bytes, right: Bytes) => hex(left) === hex(right);
export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);
export const text = (bytes: Bytes) => new TextDecoder().decode(bytes);

export function expect(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`Expected: ${what}`);
}

/** Why a call was refused; throws if it was not. */
export async function refusal(call: Promise<unknown>, what: string): Promise<string> {
  let given: unknown;
  try {
    given = await call;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`Expected a refusal: ${what}${given === undefined ? "" : `, not ${JSON.stringify(given).slice(0, 60)}`}`);
}

/** All are in one epoch with the same tree and the same secrets. `absent`: members of the group that are not asked. */
export async function agree(members: readonly Member[], absent = 0): Promise<View> {
  const views = await Promise.all(members.map((each) => each.view()));
  const [first] = views;
  expect(first, "there are members");
  for (const [index, view] of views.entries()) {
    const name = members[index]!.name;
    expect(view.epoch === first.epoch, `${name} is in epoch ${first.epoch}, not ${view.epoch}`);
    for (const field of ["treeHash", "confirmedTranscriptHash", "epochAuthenticator", "exported"] as const) {
      expect(equal(view[field], first[field]), `${name} has the same ${field} as ${members[0]!.name} in epoch ${first.epoch}`);
    }
    const size = members.length + absent;
    expect(view.members.length === size, `${name} sees ${size} members, not ${view.members.length}`);
  }
  expect(new Set(views.map((view) => view.ownLeaf)).size === views.length, "everybody has a leaf of their own");
  return first;
}

export const readView = (input: Reader): View => ({
  epoch: input.long(),
  ownLeaf: input.uint(4),
  treeHash: input.opaque(),
  confirmedTranscriptHash: input.opaque(),
  epochAuthenticator: input.opaque(),
  exported: input.opaque(),
  members: input.vector((inner) => ({ leaf: inner.uint(4), signatureKey: inner.opaque() })),
});
