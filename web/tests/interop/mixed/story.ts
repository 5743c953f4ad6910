/** A random history of a mixed group, over a delivery service that accepts one commit per epoch. Throws where members disagree. */
import { type Bytes, type View, equal, expect, hex, refusal } from "../member.ts";
import { Random } from "../random.ts";
import { type Cast, KINDS } from "./cast.ts";
import type { Committed, Person, Wish } from "./person.ts";
import { Post } from "./post.ts";

export interface Script {
  readonly seed: number;
  readonly steps: number;
  /** Members, at most. */
  readonly most: number;
  /** Newcomers per commit, at most. */
  readonly crowd: number;
}

export interface Told {
  readonly steps: Record<string, number>;
  readonly epochs: number;
  readonly sizes: [number, number];
  readonly kinds: Record<string, number>;
  readonly sent: number;
  readonly opened: number;
  readonly refused: number;
}

/** Somebody who is out. `behind`: has not seen the commit that removed them. */
interface Gone {
  readonly person: Person;
  readonly behind: boolean;
}

export class Story {
  private readonly random: Random;
  private readonly cast: Cast;
  private readonly script: Script;
  private readonly conversationId = crypto.randomUUID() as string;
  private readonly groupId: Uint8Array;
  private readonly post = new Post();
  private members: Person[] = [];
  private gone: Gone[] = [];
  private epoch = 0;
  private groupInfo: Bytes = new Uint8Array();
  private tree: Bytes = new Uint8Array();
  private readonly counts: Record<string, number> = {};
  private readonly kinds: Record<string, number> = {};
  private refused = 0;
  private sizes: [number, number] = [Infinity, 0];

  constructor(cast: Cast, script: Script) {
    this.cast = cast;
    this.script = script;
    this.random = new Random(script.seed);
    this.groupId = Uint8Array.from(this.conversationId.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  async tell(): Promise<Told> {
    let what = "beginning";
    let step = -1;
    try {
      await this.begin();
      for (step = 0; step < this.script.steps; step += 1) {
        const [name, act] = this.next();
        what = name;
        this.counts[name] = (this.counts[name] ?? 0) + 1;
        await act.call(this);
        what = `agreement after ${name}`;
        await this.agree();
        what = `messages after ${name}`;
        if (this.random.below(2) === 0) await this.talk();
        await this.post.deliver(this.epoch, (items) => this.random.shuffled(items), () => this.random.below(2) === 0);
      }
      what = "the last delivery";
      await this.post.deliverAll(this.epoch);
      expect(this.post.empty, "every message has been opened by everybody");
    } catch (error) {
      const members = this.members.map((each) => each.name).join(", ");
      throw new Error(`seed ${this.script.seed}, step ${step}, ${what}, epoch ${this.epoch} of ${members}: ${(error as Error).stack}`, { cause: error });
    }
    const { sent, opened } = this.post;
    const refused = this.refused + this.post.refused;
    return { steps: this.counts, epochs: this.epoch, sizes: this.sizes, kinds: this.kinds, sent, opened, refused };
  }

  private next(): [string, () => Promise<void>] {
    const { most } = this.script;
    const size = this.members.length;
    const growing: [string, () => Promise<void>][] = [["add", this.add], ["external join", this.joinExternally], ["add by reference", this.addByReference]];
    const shrinking: [string, () => Promise<void>][] = [["remove", this.remove], ["server removes", this.serverRemoves], ["remove by reference", this.removeByReference]];
    const moving: [string, () => Promise<void>][] = [
      ["update", this.update], ["lost race", this.race], ["restart", this.restart],
      ["update by reference", this.updateByReference], ["refused commit", this.refusedCommit], ["join again", this.joinAgain],
    ];
    if (size < 3) return this.random.pick(growing);
    const chance = this.random.below(10);
    // Groups wander between few members and many, and are mostly many.
    if (chance < 4) return this.random.pick(moving);
    const grows = size < most && (chance < 8 || size < most / 3);
    return this.random.pick(grows ? growing : shrinking);
  }

  private but = (...some: Person[]) => this.members.filter((each) => !some.includes(each));
  private anybody = () => this.random.pick(this.members);

  private async newcomer(): Promise<Person> {
    const person = await this.cast.person(this.random.pick(KINDS));
    this.kinds[person.kind] = (this.kinds[person.kind] ?? 0) + 1;
    return person;
  }

  private async begin(): Promise<void> {
    const first = await this.newcomer();
    const info = await first.create(this.conversationId);
    await this.cast.witness.followGroup(info);
    this.members = [first];
    await this.add(this.script.crowd);
    await this.agree();
  }

  /** The server takes a commit; everybody follows. `leaving`: whom it removes. */
  private async accept(by: Person, { commit, groupInfo }: Committed, leaving: readonly Person[] = []): Promise<void> {
    await this.cast.witness.follow(this.groupId, commit, groupInfo);
    const followers = this.but(by, ...leaving);
    await Promise.all(followers.map(async (each) => {
      const { kind, removedSelf } = await each.receive(commit);
      expect(kind === "commit" && !removedSelf, `${each.name} follows the commit of ${by.name}`);
    }));
    // The answer of the server may come before the commit does.
    if (this.members.includes(by) && this.random.below(2) === 0) expect((await by.receive(commit)).kind === "commit", "the own commit comes back");
    else await by.merge();
    for (const { person } of this.gone) await this.cannot(person, commit);
    for (const person of leaving) {
      const behind = this.random.below(2) === 0;
      if (!behind) expect((await person.receive(commit)).removedSelf, `${person.name} sees that it is out`);
      this.post.forget(person);
      this.gone = [...this.gone, { person, behind }].slice(-3);
    }
    this.members = this.but(...leaving);
    this.epoch += 1;
    this.groupInfo = groupInfo;
    this.tree = (await this.cast.witness.followed(this.groupId)).ratchetTree;
  }

  private async cannot(gone: Person, message: Bytes): Promise<void> {
    await refusal(gone.receive(message), `${gone.name} opens nothing after its removal`);
    this.refused += 1;
  }

  private async enter(newcomers: readonly Person[], { welcome }: Committed): Promise<void> {
    expect(welcome, "who is added is welcomed");
    await Promise.all(newcomers.map((each) => each.join(welcome, this.tree)));
    this.members.push(...newcomers);
  }

  /** Server and members have the same group and the same secrets. */
  private async agree(): Promise<void> {
    const views = await Promise.all(this.members.map((each) => each.view()));
    const outside = await this.cast.witness.followed(this.groupId);
    const roster = (view: View) => view.members.map((each) => hex(each.signatureKey)).sort().join();
    const expected = this.members.map((each) => hex(each.publicKey)).sort().join();
    for (const [index, view] of views.entries()) {
      const { name } = this.members[index]!;
      expect(view.epoch === this.epoch, `${name} is in epoch ${this.epoch}, not ${view.epoch}`);
      expect(equal(view.treeHash, outside.treeHash), `${name} has the tree of the server`);
      expect(equal(view.confirmedTranscriptHash, outside.confirmedTranscriptHash), `${name} has the transcript of the server`);
      expect(equal(view.epochAuthenticator, views[0]!.epochAuthenticator), `${name} has the same epoch authenticator`);
      expect(equal(view.exported, views[0]!.exported), `${name} exports the same`);
      expect(roster(view) === expected, `${name} sees the members, and nobody else`);
    }
    this.sizes = [Math.min(this.sizes[0], views.length), Math.max(this.sizes[1], views.length)];
  }

  private async add(crowd?: number): Promise<void> {
    const by = this.anybody();
    const room = Math.min(this.script.crowd, this.script.most - this.members.length);
    const newcomers: Person[] = [];
    for (let count = crowd ?? 1 + this.random.below(Math.max(room, 1)); count > 0; count -= 1) newcomers.push(await this.newcomer());
    const committed = await by.commit({ add: await Promise.all(newcomers.map((each) => each.invitation())) });
    await this.accept(by, committed);
    await this.enter(newcomers, committed);
  }

  private async remove(): Promise<void> {
    const by = this.anybody();
    const leaving = this.random.shuffled(this.but(by)).slice(0, 1 + this.random.below(Math.max(1, Math.floor(this.members.length / 8))));
    await this.accept(by, await by.commit({ remove: leaving }), leaving);
  }

  private async update(): Promise<void> {
    const by = this.anybody();
    await this.accept(by, await by.commit());
  }

  private async joinExternally(): Promise<void> {
    const newcomer = await this.newcomer();
    const committed = await newcomer.joinExternally(this.groupInfo, this.tree);
    await this.accept(newcomer, committed);
    this.members.push(newcomer);
  }

  /** A device that has lost its state takes the place of its old leaf. Engines find it by the certificate. */
  private async joinAgain(): Promise<void> {
    const lost = this.anybody();
    if (!lost.kind.startsWith("engine")) return this.restart();
    this.post.forget(lost);
    this.members = this.but(lost);
    await this.accept(lost, await lost.joinExternally(this.groupInfo, this.tree));
    this.members.push(lost);
  }

  private async talk(): Promise<void> {
    const writers = this.random.shuffled(this.members).slice(0, 1 + this.random.below(4));
    for (const [index, from] of writers.entries()) {
      for (let count = 1 + this.random.below(3); count > 0; count -= 1) {
        await this.post.write(from, this.epoch, this.members, `${index}.${count} in epoch ${this.epoch}${".".repeat(this.random.below(300))}`);
      }
    }
    for (const message of this.post.waiting(this.epoch)) for (const { person } of this.gone) await this.cannot(person, message);
  }

  /** Two commit at once; the loser follows the winner and makes what is left of its own commit again. */
  private async race(): Promise<void> {
    if (this.members.length >= this.script.most) return this.update();
    const [winner, loser] = this.random.shuffled(this.members) as [Person, Person];
    const newcomer = await this.newcomer();
    const lost = await loser.commit({ add: [await newcomer.invitation()] });
    if (this.random.below(2) === 0) await loser.restart();
    await this.accept(winner, await winner.commit());
    const late = await refusal(this.cast.witness.follow(this.groupId, lost.commit, lost.groupInfo), "the server takes one commit per epoch");
    expect(late === "epoch_matches", `the loser's commit is of an epoch that is over, not ${late}`);
    await this.agree();
    const again = await loser.commitAgain();
    await this.accept(loser, again);
    await this.enter([newcomer], again);
  }

  private async restart(): Promise<void> {
    for (const each of this.members) if (this.random.below(3) === 0) await each.restart();
  }

  private async refusedCommit(): Promise<void> {
    const by = this.anybody();
    const wish: Wish = this.random.below(2) === 0 ? {} : { add: [await (await this.newcomer()).invitation()] };
    await by.commit(wish);
    if (this.random.below(2) === 0) await by.restart();
    await by.discard();
  }

  /** Everybody keeps a proposal; nobody speaks until it is committed, by whoever it does not remove. */
  private async commitProposals(messages: readonly { by: Person | null; message: Bytes }[], leaving: readonly Person[] = [], not: readonly Person[] = []): Promise<Committed> {
    for (const { by, message } of messages) {
      await this.cast.witness.follow(this.groupId, message);
      await Promise.all(this.members.filter((each) => each !== by).map(async (each) => {
        expect((await each.receive(message)).kind === "proposal", `${each.name} keeps the proposal`);
      }));
    }
    const by = this.random.pick(this.but(...leaving, ...not));
    if (this.random.below(2) === 0) await by.restart();
    await refusal(by.protect("before the commit"), "what is proposed is committed before anybody speaks");
    this.refused += 1;
    const committed = await by.commit();
    await this.accept(by, committed, leaving);
    return committed;
  }

  private async serverRemoves(): Promise<void> {
    const target = this.anybody();
    const leaf = (await target.view()).ownLeaf;
    const message = await this.cast.hospital.proposeRemoval(this.conversationId, this.epoch, leaf);
    await this.commitProposals([{ by: null, message }], [target]);
  }

  private async removeByReference(): Promise<void> {
    const proposer = this.members.find((each) => each.propose);
    const target = proposer && this.random.pick(this.but(proposer));
    if (!target) return this.serverRemoves();
    await this.commitProposals([{ by: proposer, message: await proposer.propose!.remove(target) }], [target]);
  }

  private async addByReference(): Promise<void> {
    const proposer = this.members.find((each) => each.propose);
    if (!proposer) return this.add();
    const newcomer = await this.newcomer();
    const message = await proposer.propose!.add(await newcomer.invitation());
    await this.enter([newcomer], await this.commitProposals([{ by: proposer, message }]));
  }

  private async updateByReference(): Promise<void> {
    const able = this.random.shuffled(this.members.filter((each) => each.propose)).slice(0, 1 + this.random.below(3));
    const proposers = able.length === this.members.length ? able.slice(1) : able;
    if (proposers.length === 0) return this.update();
    const messages = [];
    for (const by of proposers) messages.push({ by, message: await by.propose!.update() });
    await this.commitProposals(messages, [], proposers);
  }
}
