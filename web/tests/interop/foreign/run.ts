/** Runs every row of the interoperation table and writes it down. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Peer } from "../peer.ts";
import { PeerProcess } from "../process.ts";
import { defects } from "./defects.ts";
import { features } from "./features.ts";
import { history } from "./history.ts";
import { MlsRs, MlsRsMember } from "./mls_rs.ts";
import { page } from "./page.ts";
import { TsMlsMember } from "./ts_mls.ts";
import { type Foreign, type Side, World } from "./world.ts";

const SUITES = [1, 2, 5, 7];
const SIDES: readonly Side[] = ["ours", "theirs"];

/** Rows that ts-mls cannot play: what it does instead is in defects.ts. */
const WITHOUT: Record<string, readonly Side[]> = {
  "GroupContextExtensions, alone and beside a Remove": ["theirs"],
  "GroupContextExtensions with none": SIDES,
  "external join": SIDES,
  "Remove by an external sender": SIDES,
};

export interface Options {
  readonly program: string;
  /** The program of tests/interop/mls_rs, if it has been built. */
  readonly mlsRs: string;
  readonly page: string;
  readonly seed: number;
  /** Of each random history. */
  readonly steps: number;
  readonly write: boolean;
}

/** Which features are played, and who acts. */
function rowsBut(without: Record<string, readonly Side[]>): Map<string, readonly Side[]> {
  const rows = Object.keys(features).map((name) => [name, SIDES.filter((side) => !(without[name] ?? []).includes(side))] as const);
  return new Map(rows.filter(([, sides]) => sides.length > 0));
}

type Work = (world: World) => Promise<void>;

class Table {
  private readonly program: string;
  private readonly foreign: Foreign;
  readonly cells = { pass: 0, marked: 0, FAILED: 0 };

  constructor(title: string, program: string, foreign: Foreign) {
    this.program = program;
    this.foreign = foreign;
    console.log(`\n${title}\n  ${SUITES.map((suite) => `suite ${suite}`.padEnd(9)).join("")} what, and who acts`);
  }

  async row(name: string, suites: readonly number[], work: Work, good: "pass" | "marked"): Promise<void> {
    const cells = await Promise.all(SUITES.map((suite) => (suites.includes(suite) ? this.cell(name, work, suite, good) : "-")));
    for (const each of cells) if (each !== "-") this.cells[each] += 1;
    console.log(`  ${cells.map((each) => each.padEnd(9)).join("")} ${name}`);
  }

  async features(rows: ReadonlyMap<string, readonly Side[]>): Promise<void> {
    for (const [name, sides] of rows) {
      for (const side of sides) await this.row(`${name} (${side})`, SUITES, (world) => features[name]!(world, side), "pass");
    }
  }

  async histories(seed: number, steps: number): Promise<void> {
    // P-384 and P-521 in JavaScript take their time.
    const length = (suite: number) => (suite <= 2 ? steps : Math.ceil(steps / 4));
    let refused = 0;
    const work: Work = async (world) => {
      refused += await history(world, seed + world.suite, length(world.suite));
    };
    await this.row(`random histories of ${length(1)} and ${length(7)} steps, --seed ${seed}`, SUITES, work, "pass");
    if (refused > 0) console.log(`${" ".repeat(39)} ${refused} of theirs could not join: see §12.4.3.1 below`);
  }

  end(): boolean {
    const { pass, marked, FAILED } = this.cells;
    console.log(`  ${pass} passed, ${marked} marked, ${FAILED} failed`);
    return FAILED === 0;
  }

  private async cell<Good>(name: string, work: Work, suite: number, good: Good): Promise<Good | "FAILED"> {
    // A process each: what one row leaves behind cannot help another.
    const peer = new PeerProcess(this.program);
    try {
      await work(new World(suite, new Peer((request) => peer.call("peer", "0", request)), this.foreign));
    } catch (error) {
      console.log(`  FAILED  suite ${suite}, ${name}: ${(error as Error).stack}`);
      await peer.close();
      return "FAILED";
    }
    if ((await peer.close()) === 0) return good;
    console.log(`  FAILED  suite ${suite}, ${name}: mls-peer did not end well`);
    return "FAILED";
  }
}

export async function run({ program, mlsRs, page: file, seed, steps, write }: Options): Promise<boolean> {
  const rows = rowsBut(WITHOUT);
  const text = page(rows, defects);
  if (write) {
    writeFileSync(file, text);
    return true;
  }
  const table = new Table("Wardline and ts-mls 1.6.4", program, TsMlsMember.create);
  await table.features(rows);
  await table.histories(seed, steps);
  for (const each of defects) await table.row(`${each.section} ${each.what} (${each.direction})`, each.suites, (world) => each.run(world), "marked");
  let good = table.end();
  if (readFileSync(file, "utf8") !== text) {
    console.log(`  FAILED  ${file} is not what this run says: node web/tests/interop/foreign.mjs --write`);
    good = false;
  }
  if (existsSync(mlsRs)) good = (await besideMlsRs(program, mlsRs, seed, steps)) && good;
  else console.log("\nnot run: Wardline and mls-rs (cargo build --release --manifest-path tests/interop/mls_rs/Cargo.toml makes the program that it needs)");
  return good;
}

async function besideMlsRs(program: string, mlsRs: string, seed: number, steps: number): Promise<boolean> {
  const other = new MlsRs(mlsRs);
  const table = new Table("Wardline and mls-rs 0.57.0", program, (name, suite, options) => MlsRsMember.create(other, name, suite, options));
  await table.features(rowsBut({}));
  await table.histories(seed, steps);
  other.close();
  return table.end();
}
