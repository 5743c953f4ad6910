/** What must work between the two implementations. `acting`: who makes the commits; the other side follows. */
import { Writer } from "../../../packages/mls/src/codec.ts";
import { type Bytes, agree, basicCredential, expect, extensions, proposal, refusal, utf8 } from "../member.ts";
import { type Side, type World, follow, invite, note, opens, staysOut, talk } from "./world.ts";

export type Feature = (world: World, acting: Side) => Promise<void>;

const other = (side: Side): Side => (side === "ours" ? "theirs" : "ours");

async function pair(world: World, acting: Side, options: { privateHandshakes?: boolean; treeInWelcome?: boolean } = {}) {
  const [first, second] = [await world.member(acting, options), await world.member(other(acting), options)];
  await world.group([first, second], options);
  return [first, second] as const;
}

async function three(world: World, acting: Side) {
  const members = [await world.member(acting), await world.member(other(acting)), await world.member(other(acting))] as const;
  await world.group(members);
  return members;
}

export const EXTERNAL_SENDERS = 5;
/** RFC 9420 §12.1.8.1: ExternalSender external_senders<V>. */
export const sender = (publicKey: Bytes) => new Writer().opaque(publicKey).raw(basicCredential("server")).take();
export const senders = (publicKey: Bytes) =>
  extensions([{ type: EXTERNAL_SENDERS, data: new Writer().vector([sender(publicKey)], (out, each) => out.raw(each)).take() }]);

/** required_capabilities that ask for nothing: every member supports it (RFC 9420 §7.2). */
export const ASKING = extensions([{ type: 3, data: Uint8Array.of(0, 0, 0) }]);

export const features: Record<string, Feature> = {
  "key package, Welcome with the tree": async (world, acting) => talk(await pair(world, acting)),

  "Welcome, the tree apart": async (world, acting) => talk(await pair(world, acting, { treeInWelcome: false })),

  "application messages: out of order, late, each once": async (world, acting) => {
    const [first, second] = await pair(world, acting);
    const sent: Bytes[] = [];
    for (let index = 0; index < 8; index += 1) sent.push(await first.protect(utf8(`message ${index}`)));
    for (const index of [2, 0, 5, 1]) await opens(second, sent[index]!, `message ${index}`);
    await refusal(second.receive(sent[2]!), "a message opens once");
    const { commit } = await first.commit({ withPath: true });
    await follow(commit, [second]);
    await first.merge();
    for (const index of [7, 3, 6, 4]) await opens(second, sent[index]!, `message ${index}`);
    await refusal(second.receive(sent[0]!), "a message opens once, in later epochs too");
    await talk([first, second]);
  },

  "commit with a path": async (world, acting) => {
    const [first, second] = await pair(world, acting);
    for (const [by, to] of [[first, second], [second, first], [first, second]] as const) {
      const { commit } = await by.commit({ withPath: true });
      await follow(commit, [to]);
      await by.merge();
      await agree([first, second]);
      await talk([first, second]);
    }
  },

  "handshakes as PrivateMessage": async (world, acting) => {
    const [first, second] = await pair(world, acting, { privateHandshakes: true });
    const third = await world.member(acting);
    await note(await second.propose(proposal.add(await third.keyPackage())), [first]);
    const { commit, welcome } = await first.commit();
    await follow(commit, [second]);
    await first.merge();
    await third.join(welcome!);
    await agree([first, second, third]);
    await talk([first, second, third]);
  },

  "Remove": async (world, acting) => {
    const [first, second, third] = await three(world, acting);
    const { commit } = await first.commit({ proposals: [proposal.remove((await third.view()).ownLeaf)] });
    await follow(commit, [second]);
    await first.merge();
    expect((await third.receive(commit)).removedSelf, "the removed member sees that it is out");
    await agree([first, second]);
    await staysOut(third, [first, second]);
  },

  "Remove by reference, proposed by the other side": async (world, acting) => {
    const [first, second, third] = await three(world, acting);
    await note(await second.propose(proposal.remove((await third.view()).ownLeaf)), [first, third]);
    const { commit } = await first.commit();
    await follow(commit, [second]);
    await first.merge();
    await agree([first, second]);
    await staysOut(third, [first, second]);
  },

  "Add by reference, proposed by the other side": async (world, acting) => {
    const [first, second] = await pair(world, acting);
    const third = await world.member(acting);
    await note(await second.propose(proposal.add(await third.keyPackage())), [first]);
    const { commit, welcome } = await first.commit();
    await follow(commit, [second]);
    await first.merge();
    await third.join(welcome!);
    await agree([first, second, third]);
    await talk([first, second, third]);
  },

  "Update by reference, proposed by ours": async (world, acting) => {
    const committer = await world.member(acting);
    const [updating, watching] = [await world.ours(), await world.theirs()];
    await world.group([committer, updating, watching]);
    await note(await updating.proposeUpdate(), [committer, watching]);
    const { commit } = await committer.commit();
    await follow(commit, [updating, watching]);
    await committer.merge();
    await agree([committer, updating, watching]);
    await talk([committer, updating, watching]);
  },

  "Add and Remove in one commit: path secret in the Welcome": async (world, acting) => {
    const [first, second, third] = await three(world, acting);
    const fourth = await world.member(other(acting));
    const fifth = await world.member(acting);
    await invite(first, [second], [fourth, fifth], { removing: [(await third.view()).ownLeaf] });
    const members = [first, second, fourth, fifth];
    await agree(members);
    // The newcomers' private keys of the path are right if they can follow a commit from the other half of the tree.
    for (const by of [fifth, second, fourth]) {
      const { commit } = await by.commit({ withPath: true });
      await follow(commit, members.filter((each) => each !== by));
      await by.merge();
      await agree(members);
    }
    await talk(members);
  },

  "external PSK": async (world, acting) => {
    const id = `psk of suite ${world.suite}`;
    const secret = utf8("what only members know");
    await world.peer.addPsk(utf8(id), secret);
    const [ours, theirs] = [await world.ours(), await world.theirs({ psks: new Map([[id, secret]]) })];
    const [first, second] = acting === "ours" ? [ours, theirs] : [theirs, ours];
    await world.group([first, second]);
    const nonce = crypto.getRandomValues(new Uint8Array(world.suite === 7 ? 48 : world.suite === 5 ? 64 : 32));
    const { commit } = await first.commit({ proposals: [proposal.externalPsk(utf8(id), nonce)] });
    await follow(commit, [second]);
    await first.merge();
    await agree([first, second]);
    await talk([first, second]);
  },

  "GroupContextExtensions, alone and beside a Remove": async (world, acting) => {
    const [first, second, third] = await three(world, acting);
    const alone = await first.commit({ proposals: [proposal.extensions(ASKING)] });
    await follow(alone.commit, [second, third]);
    await first.merge();
    await agree([first, second, third]);
    const beside = await first.commit({ proposals: [proposal.extensions(ASKING), proposal.remove((await third.view()).ownLeaf)] });
    await follow(beside.commit, [second]);
    await first.merge();
    await agree([first, second]);
    await staysOut(third, [first, second]);
  },

  "GroupContextExtensions with none": async (world, acting) => {
    const [first, second] = await pair(world, acting);
    for (const list of [ASKING, extensions([])]) {
      const { commit } = await first.commit({ proposals: [proposal.extensions(list)] });
      await follow(commit, [second]);
      await first.merge();
      await agree([first, second]);
    }
  },

  "external join": async (world, acting) => {
    const [first, second] = await pair(world, acting);
    const joiner = await world.member(acting);
    await follow(await joiner.joinExternally(await second.groupInfo()), [first, second]);
    await joiner.merge();
    await agree([first, second, joiner]);
    await talk([first, second, joiner]);
  },

  "Remove by an external sender": async (world, acting) => {
    const server = await world.ours();
    const [first, second, gone] = [await world.member(acting), await world.member(other(acting)), await world.ours()];
    const id = world.groupId();
    await first.create(id, senders(server.publicKey));
    await invite(first, [], [second, gone]);
    const { epoch } = await agree([first, second, gone]);
    await note(await server.proposeExternally(id, epoch, 0, proposal.remove((await gone.view()).ownLeaf)), [first, second]);
    const { commit } = await first.commit();
    await follow(commit, [second]);
    await first.merge();
    await agree([first, second]);
    await staysOut(gone, [first, second]);
  },
};
