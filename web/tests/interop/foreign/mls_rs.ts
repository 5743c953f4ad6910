/** A member over mls-rs, through the program in tests/interop/mls_rs: another implementation that others wrote. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Bundle, type Bytes, type CommitRequest, EXPORT, type Member, type Received, type View, expect, hex, text, utf8 } from "../member.ts";

const unhex = (digits: string): Bytes => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const flag = (set: boolean) => Uint8Array.of(set ? 1 : 0);

/** One program for many members. */
export class MlsRs {
  private readonly child: ChildProcess;
  members = 0;
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];

  constructor(program: string) {
    this.child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout! }).on("line", (line) => this.waiting.shift()?.resolve(line));
    this.child.on("exit", () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error("the mls-rs program has ended"));
    });
  }

  async call(verb: string, member: string, ...input: Bytes[]): Promise<Bytes[]> {
    const line = await new Promise<string>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin!.write(`${[verb, member, ...input.map(hex)].join(" ")}\n`);
    });
    if (!line.startsWith("ok ")) throw new Error(line);
    return line.slice(3).split(" ").map(unhex);
  }

  close(): void {
    this.child.stdin!.end();
  }
}

export class MlsRsMember implements Member {
  readonly name: string;
  private readonly program: MlsRs;
  private readonly id: string;

  private constructor(program: MlsRs, name: string) {
    this.program = program;
    this.name = name;
    this.id = String(++program.members);
  }

  static async create(program: MlsRs, name: string, suite: number, options: { privateHandshakes?: boolean; psks?: ReadonlyMap<string, Bytes> } = {}): Promise<MlsRsMember> {
    const member = new MlsRsMember(program, name);
    const psk = [...(options.psks ?? [])].flatMap(([id, secret]) => [utf8(id), secret]);
    await member.call("new", utf8(name), Uint8Array.of(0, suite), flag(options.privateHandshakes === true), ...psk);
    return member;
  }

  keyPackage = () => this.one("key_package");
  ratchetTree = () => this.one("tree");
  groupInfo = () => this.one("group_info");
  joinExternally = (groupInfo: Bytes) => this.one("join_externally", groupInfo);
  propose = (proposal: Bytes) => this.one("propose", proposal);
  proposeUpdate = () => this.one("propose_update");
  protect = (data: Bytes) => this.one("protect", data);

  async create(groupId: Bytes, extensions: Bytes = Uint8Array.of(0)): Promise<void> {
    await this.call("create", groupId, extensions);
  }

  async join(welcome: Bytes, tree: Bytes = new Uint8Array()): Promise<void> {
    await this.call("join", welcome, tree);
  }

  async commit({ proposals = [], withPath = false, treeInWelcome = true }: CommitRequest = {}): Promise<Bundle> {
    const [commit, welcome] = await this.call("commit", flag(withPath), flag(treeInWelcome), ...proposals);
    return { commit: commit!, welcome: welcome!.length > 0 ? welcome! : null };
  }

  async merge(): Promise<void> {
    await this.call("merge");
  }

  async receive(message: Bytes): Promise<Received> {
    const [kind, data, removed] = await this.call("receive", message);
    const named = text(kind!);
    expect(named === "application" || named === "proposal" || named === "commit", "a kind of message");
    return { kind: named, data: data!, removedSelf: removed![0] === 1 };
  }

  async view(): Promise<View> {
    const parts = await this.call("view", utf8(EXPORT.label), EXPORT.context);
    const [epoch, ownLeaf, treeHash, confirmedTranscriptHash, epochAuthenticator, exported, ...roster] = parts;
    const number = (bytes: Bytes) => Number.parseInt(hex(bytes), 16);
    const members = [];
    for (let at = 0; at < roster.length; at += 2) members.push({ leaf: number(roster[at]!), signatureKey: roster[at + 1]! });
    return {
      epoch: number(epoch!), ownLeaf: number(ownLeaf!), treeHash: treeHash!, confirmedTranscriptHash: confirmedTranscriptHash!,
      epochAuthenticator: epochAuthenticator!, exported: exported!, members,
    };
  }

  private call(verb: string, ...input: Bytes[]): Promise<Bytes[]> {
    return this.program.call(verb, this.id, ...input);
  }

  private async one(verb: string, ...input: Bytes[]): Promise<Bytes> {
    return (await this.call(verb, ...input))[0]!;
  }
}
