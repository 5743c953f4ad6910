/** The program mls-peer (tests/interop/main.cpp) as a child process: one line a call. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class PeerProcess {
  private readonly child: ChildProcess;
  // Answers come in the order of the calls.
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];

  constructor(program: string) {
    this.child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.child.stdout! }).on("line", (line) => this.waiting.shift()?.resolve(line));
    this.child.on("error", (error) => this.fail(error));
    this.child.on("exit", (code, signal) => this.fail(new Error(`mls-peer has ended: ${signal ?? code}`)));
  }

  /** `line`: entry, instance and base64. Gives base64. */
  ask(line: string): Promise<string> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.reject(new Error("mls-peer has ended"));
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.child.stdin!.write(`${line}\n`);
    });
  }

  async call(entry: string, instance: string, input: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(Buffer.from(await this.ask(`${entry} ${instance} ${Buffer.from(input).toString("base64")}`), "base64"));
  }

  /** Its exit code: 0 unless it crashed. */
  close(): Promise<number | null> {
    return new Promise((resolve) => {
      this.child.on("exit", resolve);
      this.child.stdin!.end();
    });
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
