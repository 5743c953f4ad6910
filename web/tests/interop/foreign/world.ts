/** What the rows of the interoperation table share: the two sides, and what members of a group do together. */
import { type Bytes, type Member, agree, basicCredential, equal, expect, proposal, refusal, text, utf8 } from "../member.ts";
import type { Peer, PeerMember, PeerOptions } from "../peer.ts";
import { TsMlsMember, type TsMlsOptions } from "./ts_mls.ts";

export type Side = "ours" | "theirs";

export interface ForeignOptions {
  /** Commits and proposals travel as PrivateMessage. */
  readonly privateHandshakes?: boolean;
  readonly psks?: ReadonlyMap<string, Bytes>;
}

/** Makes members of another implementation. */
export type Foreign = (name: string, suite: number, options: ForeignOptions) => Promise<Member>;

export class World {
  readonly suite: number;
  readonly peer: Peer;
  private readonly foreign: Foreign;
  private names = 0;

  constructor(suite: number, peer: Peer, foreign: Foreign) {
    this.suite = suite;
    this.peer = peer;
    this.foreign = foreign;
  }

  ours(options: PeerOptions = {}): Promise<PeerMember> {
    const name = `ours ${++this.names}`;
    return this.peer.member(name, this.suite, () => basicCredential(name), options);
  }

  theirs(options: ForeignOptions = {}): Promise<Member> {
    return this.foreign(`theirs ${++this.names}`, this.suite, options);
  }

  /** For what concerns that package alone. */
  tsMls(options: TsMlsOptions = {}): Promise<TsMlsMember> {
    return TsMlsMember.create(`theirs ${++this.names}`, this.suite, options);
  }

  member(side: Side, options: { privateHandshakes?: boolean } = {}): Promise<Member> {
    return side === "ours" ? this.ours(options) : this.theirs(options);
  }

  groupId(): Bytes {
    return utf8(`group ${++this.names} of suite ${this.suite}`);
  }

  /** A group of all, made by the first. */
  async group(members: readonly Member[], options: { treeInWelcome?: boolean } = {}): Promise<void> {
    const [first, ...others] = members;
    await first!.create(this.groupId());
    await invite(first!, [], others, options);
    await agree(members);
  }
}

/** `by` adds `newcomers` in one commit; `present` follow. */
export async function invite(by: Member, present: readonly Member[], newcomers: readonly Member[], options: { treeInWelcome?: boolean; removing?: readonly number[] } = {}) {
  const { treeInWelcome = true, removing = [] } = options;

  const adds = await Promise.all(newcomers.map(async (each) => proposal.add(await each.keyPackage())));
  const bundle = await by.commit({ proposals: [...removing.map(proposal.remove), ...adds], treeInWelcome });
  await follow(bundle.commit, present);
  await by.merge();
  expect(bundle.welcome, "a commit that adds has a Welcome");
  for (const each of newcomers) {
    await (treeInWelcome ? each.join(bundle.welcome) : each.join(bundle.welcome, await by.ratchetTree()));
  }
}

/** Members process a commit of somebody else's. */
export async function follow(commit: Bytes, members: readonly Member[]): Promise<void> {
  for (const each of members) {
    const { kind, removedSelf } = await each.receive(commit);
    expect(kind === "commit" && !removedSelf, `${each.name} follows the commit`);
  }
}

/** Members keep a proposal of somebody else's. */
export async function note(proposal: Bytes, members: readonly Member[]): Promise<void> {
  for (const each of members) expect((await each.receive(proposal)).kind === "proposal", `${each.name} keeps the proposal`);
}

/** Each writes and all others read. */
export async function talk(members: readonly Member[]): Promise<void> {
  for (const from of members) {
    const message = await from.protect(utf8(`I am ${from.name}`));
    for (const to of members) if (to !== from) await opens(to, message, `I am ${from.name}`);
  }
}

export async function opens(member: Member, message: Bytes, words: string): Promise<void> {
  const { kind, data } = await member.receive(message);
  expect(kind === "application" && equal(data, utf8(words)), `${member.name} reads "${words}", not "${text(data)}"`);
}

/** Who has been removed opens nothing that is sent from now on. */
export async function staysOut(gone: Member, members: readonly Member[]): Promise<void> {
  const [first] = members;
  const message = await first!.protect(utf8("without you"));
  for (const each of members.slice(1)) await opens(each, message, "without you");
  await refusal(gone.receive(message), `${gone.name} cannot open what comes after the removal`);
}
