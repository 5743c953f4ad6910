#!/usr/bin/env node
// Members in a real browser beside native ones, in one group each round.
// usage: node mixed.mjs [--peer PROGRAM] [--seed N] [--rounds "STEPS:MOST:CROWD ..."] [--repeat N]
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, runnerImport } from "vite";
import { launch } from "../browser/chromium.mjs";
import { serve } from "../browser/serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const { values } = parseArgs({
  options: { peer: { type: "string" }, seed: { type: "string" }, rounds: { type: "string" }, repeat: { type: "string" } },
});
const program = values.peer ?? join(root, "build/dev/bin/mls-peer");
const rounds = (values.rounds ?? "300:8:2 80:20:6 40:50:24").split(" ").map((round) => round.split(":").map(Number));
const first = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const repeat = Number(values.repeat ?? 1);
console.log(`\nBrowser and native members in one group: --seed ${first}`);

const { module } = await runnerImport(join(here, "process.ts"), { configFile: false, logLevel: "warn" });
await build({ configFile: join(here, "mixed/vite.config.ts") });
const wasm = readFileSync(join(root, "build/wasm/mls_peer.wasm")).toString("base64");
const site = await serve(join(here, "mixed/dist"));
const browser = await launch();
let failed = 0;
let steps = 0;
const count = (counts) => Object.entries(counts).map(([name, times]) => `${name} ${times}`).join(", ");

async function tell(script) {
  const peer = new module.PeerProcess(program);
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  await page.exposeFunction("native", (line) => peer.ask(line));
  await page.goto(site.address);
  await page.waitForFunction(() => "mixed" in globalThis);
  if (!(await page.evaluate(() => globalThis.mixed.canSuspend()))) throw new Error("This browser lacks JavaScript Promise Integration.");
  const started = performance.now();
  const told = await page.evaluate(([module_, script_]) => globalThis.mixed.tell(module_, script_), [wasm, script]);
  const seconds = Math.round((performance.now() - started) / 1000);
  await page.close();
  if ((await peer.close()) !== 0) throw new Error("mls-peer did not end well");
  steps += script.steps;
  console.log(`  passed  seed ${script.seed}: ${script.steps} steps, ${told.epochs} epochs, ${told.sizes[0]} to ${told.sizes[1]} members, ` +
    `${told.sent} messages opened ${told.opened} times, ${told.refused} refusals (${seconds} s)`);
  console.log(`          ${count(told.steps)}`);
  console.log(`          ${count(told.kinds)}`);
}

try {
  for (let round = 0; round < rounds.length * repeat && failed === 0; round += 1) {
    const [length, most, crowd] = rounds[round % rounds.length];
    const script = { seed: first + round, steps: length, most, crowd };
    await tell(script).catch((error) => {
      failed += 1;
      console.log(`  FAILED  ${JSON.stringify(script)}\n${error.stack ?? error}`);
    });
  }
} finally {
  await browser.close();
  await site.stop();
}
console.log(`  ${steps} steps, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
