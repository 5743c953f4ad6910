/** Messages on their way: who must open each, who has, and that nobody opens one twice. */
import { type Bytes, expect, refusal } from "../member.ts";
import type { Person } from "./person.ts";

interface Letter {
  readonly from: Person;
  readonly words: string;
  readonly message: Bytes;
  readonly epoch: number;
  readonly awaited: Set<Person>;
}

/** Members keep what opens messages of three epochs that are over, and a step may begin two. */
const LATEST = 2;

export class Post {
  private letters: Letter[] = [];
  sent = 0;
  opened = 0;
  refused = 0;

  async write(from: Person, epoch: number, members: readonly Person[], words: string): Promise<void> {
    const message = await from.protect(words);
    this.sent += 1;
    this.letters.push({ from, words, message, epoch, awaited: new Set(members.filter((each) => each !== from)) });
  }

  /** Brings some of what waits, in the order of `shuffle`; whatever would be too late at the next epoch without exception. */
  async deliver(epoch: number, shuffle: <T>(items: readonly T[]) => T[], share: (letter: Letter) => boolean): Promise<void> {
    const due = this.letters.filter((each) => epoch - each.epoch >= LATEST || share(each));
    for (const letter of shuffle(due)) {
      await Promise.all([...letter.awaited].map((each) => this.open(each, letter)));
    }
    this.letters = this.letters.filter((each) => each.awaited.size > 0);
  }

  deliverAll(epoch: number): Promise<void> {
    return this.deliver(epoch, (items) => [...items], () => true);
  }

  /** Who is out reads nothing any more. */
  forget(gone: Person): void {
    for (const letter of this.letters) letter.awaited.delete(gone);
  }

  /** What is on its way now. */
  waiting(epoch: number): Bytes[] {
    return this.letters.filter((each) => each.epoch === epoch).map((each) => each.message);
  }

  get empty(): boolean {
    return this.letters.length === 0;
  }

  private async open(person: Person, letter: Letter): Promise<void> {
    const { kind, words, sender } = await person.receive(letter.message);
    expect(kind === "application" && words === letter.words, `${person.name} reads what ${letter.from.name} wrote`);
    expect(sender === null || sender.deviceId === letter.from.deviceId, `${person.name} knows that ${letter.from.name} wrote`);
    letter.awaited.delete(person);
    this.opened += 1;
    await refusal(person.receive(letter.message), `${person.name} opens a message once`);
    this.refused += 1;
  }
}
