/** A person at a command line: `wardline` as it ships, with a profile of its own. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "@playwright/test";
import type { Account } from "./accounts.ts";

export interface ReadMessage {
  readonly conversation_id: string;
  readonly sequence: number;
  readonly kind: string;
  readonly own: boolean;
  readonly text?: string;
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
  readonly attachments?: readonly { readonly name: string; readonly saved: string | null }[];
}

/** Skips the test, saying so, where there is no command line to try. */
export function commandLineOrSkip(): void {
  test.skip(process.env["WARDLINE_CLI"] === undefined, "no command line: set WARDLINE_CLI and WARDLINE_CA");
}

export class CommandLine {
  private readonly home = mkdtempSync(join(tmpdir(), "wardline-cli-"));
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(account: Account) {
    this.environment = {
      ...process.env,
      HOME: this.home,
      WARDLINE_PROFILE: join(this.home, "profile"),
      WARDLINE_SECOND_FACTOR_FILE: join(this.home, "totp"),
      WARDLINE_USERNAME: account.username,
      WARDLINE_PASSWORD: account.password,
      WARDLINE_ACTIVATION_CODE: account.activation_code,
    };
  }

  /** The first time: password, activation code, a one-time code, a device. */
  static async arrive(account: Account): Promise<CommandLine> {
    const line = new CommandLine(account);
    await line.run(["enrol", "--server", process.env["WARDLINE_URL"]!, "--ca", process.env["WARDLINE_CA"]!]);
    return line;
  }

  run(words: readonly string[], input = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(process.env["WARDLINE_CLI"]!, words, { env: this.environment, timeout: 60_000 }, (error, out, err) =>
        error === null ? resolve(out) : reject(new Error(`wardline ${words.join(" ")}: ${err}`)),
      );
      child.stdin!.end(input);
    });
  }

  async objects<T>(words: readonly string[], input = ""): Promise<T[]> {
    const out = await this.run([...words, "--json"], input);
    return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
  }

  async send(conversation: string, text: string): Promise<void> {
    await this.run(["send", conversation], text);
  }

  read(conversation: string): Promise<ReadMessage[]> {
    return this.objects<ReadMessage>(["read", conversation, "--all"]);
  }

  async texts(conversation: string): Promise<string[]> {
    return (await this.read(conversation)).flatMap((message) => (message.kind === "text" ? [message.text!] : []));
  }

  async sendFile(conversation: string, name: string, content: string, text: string): Promise<void> {
    const file = join(this.home, name);
    writeFileSync(file, content);
    await this.run(["send", conversation, "--attach", file], text);
  }

  /** Everything that is there, with its files in a folder. */
  save(conversation: string): Promise<ReadMessage[]> {
    const folder = join(this.home, "files");
    mkdirSync(folder, { recursive: true });
    return this.objects<ReadMessage>(["read", conversation, "--all", "--save", folder]);
  }

  /** Listens until `count` messages have come. */
  tail(conversation: string, count: number): Promise<ReadMessage[]> {
    return this.objects<ReadMessage>(["tail", conversation, "--count", String(count)]);
  }

  /** Listens until it is killed in the middle of it. */
  async tailUntilKilled(conversation: string, meanwhile: () => Promise<void>): Promise<void> {
    const child = spawn(process.env["WARDLINE_CLI"]!, ["tail", conversation, "--json"], { env: this.environment, stdio: "ignore" });
    await meanwhile();
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}
