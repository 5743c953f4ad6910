/** A member of a mixed group: a device with a certificate, whose MLS runs natively or in the page. */
import type { MemberDevice } from "../../../packages/mls/src/engine.ts";
import type { Bytes, View } from "../member.ts";

export interface Invitation extends MemberDevice {
  readonly keyPackage: Bytes;
}

export interface Wish {
  readonly add?: readonly Invitation[];
  readonly remove?: readonly Person[];
}

export interface Committed {
  readonly commit: Bytes;
  readonly welcome: Bytes | null;
  readonly groupInfo: Bytes;
}

export interface Seen {
  readonly kind: "application" | "proposal" | "commit";
  readonly words: string;
  /** Of an application message: the device that the leaf's certificate names; null where that is not looked at. */
  readonly sender: MemberDevice | null;
  readonly removedSelf: boolean;
}

export interface Person extends MemberDevice {
  /** Which implementation, and a number. */
  readonly name: string;
  readonly kind: string;
  readonly publicKey: Bytes;
  /** A GroupInfo of epoch 0, with the tree. */
  create(conversationId: string): Promise<Bytes>;
  invitation(): Promise<Invitation>;
  join(welcome: Bytes, tree: Bytes): Promise<void>;
  joinExternally(groupInfo: Bytes, tree: Bytes): Promise<Committed>;
  /** With every proposal that waits; new keys if there is nothing to do. */
  commit(wish?: Wish): Promise<Committed>;
  /** After a lost race: what is left of the commit. */
  commitAgain(): Promise<Committed>;
  merge(): Promise<void>;
  discard(): Promise<void>;
  receive(message: Bytes): Promise<Seen>;
  protect(words: string): Promise<Bytes>;
  view(): Promise<View>;
  /** Goes on from what was stored. */
  restart(): Promise<void>;
  /** Proposals by reference, where the implementation offers them to its user. */
  readonly propose?: {
    update(): Promise<Bytes>;
    add(invitation: Invitation): Promise<Bytes>;
    remove(person: Person): Promise<Bytes>;
  };
}
