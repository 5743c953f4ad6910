/**
 * A random history of a group of both sides: blanks, unmerged leaves and who commits next are what chance makes of them. Tells how
 * many of theirs could not join because of the defect about unmerged leaves; they are removed again.
 */
import { type Bytes, type Member, agree, expect, hex, proposal, utf8 } from "../member.ts";
import { Random } from "../random.ts";
import { UNMERGED } from "./defects.ts";
import { TsMlsMember } from "./ts_mls.ts";
import { type World, follow, note, opens, staysOut, talk } from "./world.ts";

const MOST_MEMBERS = 12;

/** ts-mls has no call that makes an Update proposal. */
const mayUpdate = (member: Member): member is Member & { proposeUpdate(): Promise<Bytes> } => "proposeUpdate" in member;

export async function history(world: World, seed: number, steps: number): Promise<number> {
  let refused = 0;
  const random = new Random(seed);
  let members: Member[] = [await world.ours(), await world.theirs(), await world.ours()];
  await world.group(members);
  const but = (one: Member) => members.filter((each) => each !== one);
  const newcomer = () => world.member(random.pick(["ours", "theirs"]));

  /** Joins, or is removed again. */
  const enter = async (newcomers: readonly Member[], join: (each: Member) => Promise<void>) => {
    const outside: Member[] = [];
    for (const each of newcomers) {
      try {
        await join(each);
        members.push(each);
      } catch (error) {
        if (!(each instanceof TsMlsMember) || (error as Error).message !== UNMERGED) throw error;
        outside.push(each);
      }
    }
    refused += outside.length;
    if (outside.length === 0) return;
    await agree(members, outside.length);
    const by = random.pick(members);
    const keys = outside.map((each) => hex((each as TsMlsMember).publicPackage.leafNode.signaturePublicKey));
    const leaves = (await by.view()).members.filter((each) => keys.includes(hex(each.signatureKey)));
    const { commit } = await by.commit({ proposals: leaves.map((each) => proposal.remove(each.leaf)) });
    await follow(commit, but(by));
    await by.merge();
  };

  const add = async () => {
    const by = random.pick(members);
    const newcomers = [await newcomer(), await newcomer()].slice(random.below(2));
    const adds = await Promise.all(newcomers.map(async (each) => proposal.add(await each.keyPackage())));
    const apart = random.below(2) === 0;
    const { commit, welcome } = await by.commit({ proposals: adds, treeInWelcome: !apart });
    await follow(commit, but(by));
    await by.merge();
    const tree = apart ? await by.ratchetTree() : undefined;
    await enter(newcomers, (each) => each.join(welcome!, tree));
  };
  const remove = async () => {
    const by = random.pick(members);
    const gone = random.pick(but(by));
    const removal = proposal.remove((await gone.view()).ownLeaf);
    const reference = random.below(2) === 0;
    if (reference) {
      const proposer = random.pick(but(gone).filter((each) => each !== by));
      await note(await proposer.propose(removal), but(proposer));
    }
    const replacing = random.below(3) === 0 ? [await newcomer()] : [];
    const adds = await Promise.all(replacing.map(async (each) => proposal.add(await each.keyPackage())));
    const { commit, welcome } = await by.commit({ proposals: reference ? adds : [removal, ...adds] });
    await follow(commit, but(by).filter((each) => each !== gone));
    await by.merge();
    members = but(gone);
    await enter(replacing, (each) => each.join(welcome!));
    await staysOut(gone, members);
  };
  const update = async () => {
    const by = random.pick(members);
    const proposers = but(by).filter(mayUpdate).slice(0, random.below(3));
    for (const each of proposers) await note(await each.proposeUpdate(), but(each));
    const { commit } = await by.commit(proposers.length === 0 ? { withPath: true } : {});
    await follow(commit, but(by));
    await by.merge();
  };
  const write = async () => {
    const by = random.pick(members);
    const late = await by.protect(utf8("late"));
    await talk(members);
    await update();
    for (const each of but(by)) await opens(each, late, "late");
  };

  for (let step = 0; step < steps; step += 1) {
    const grows = members.length < 4 || (members.length < MOST_MEMBERS && random.below(2) === 0);
    const act = [grows ? add : remove, update, grows ? add : remove, write][random.below(4)]!;
    try {
      await act();
      await agree(members);
    } catch (error) {
      throw new Error(`seed ${seed}, step ${step} (${members.map((each) => each.name).join(", ")}): ${(error as Error).message}`, { cause: error });
    }
  }
  expect(members.length >= 2, "a group is left");
  return refused;
}
