#!/usr/bin/env node
// Runs the MLS scenarios in a real browser, with JavaScript Promise Integration and as a browser without it would, and measures.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { launch } from "../browser/chromium.mjs";
import { serve } from "../browser/serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const vectors = join(root, "../shared/vectors/mls");
if (!existsSync(vectors)) console.log("not run: the official vectors are not beside this checkout");

async function play(page, name, suspend) {
  const module = readFileSync(join(root, "build/wasm/mls_vectors.wasm")).toString("base64");
  const cases = JSON.parse(readFileSync(join(vectors, `${name}.json`), "utf8"));
  const started = performance.now();
  const played = await page.evaluate(([wasm, all, way]) => globalThis.mls.play(wasm, all, way), [module, cases, suspend]);
  const whole = played.failures.length === 0 && played.passed > 0 && played.suites.length === 7;
  console.log(`  ${whole ? "passed" : "FAILED"}  ${name}: ${played.passed} cases, suites ${played.suites} (${Math.round(performance.now() - started)} ms)`);
  for (const failure of played.failures) console.log(`          ${failure}`);
  return whole;
}

await build({ configFile: join(here, "vite.config.ts") });
const site = await serve(join(here, "dist"));
const browser = await launch();
let failed = 0;
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  await page.goto(site.address);
  await page.waitForFunction(() => "mls" in globalThis);
  if (!(await page.evaluate(() => globalThis.mls.canSuspend()))) {
    console.error("This browser lacks JavaScript Promise Integration: half of what is to be tested cannot run.");
    failed += 1;
  }
  const names = await page.evaluate(() => globalThis.mls.names());
  for (const suspend of [true, false]) {
    console.log(`\n${suspend ? "With" : "Without"} Promise Integration`);
    for (const name of names) {
      const started = performance.now();
      const problem = await page.evaluate(
        ([scenario, way]) => globalThis.mls.run(scenario, way).then(() => null, (error) => String(error.stack ?? error)),
        [name, suspend],
      );
      if (problem !== null) failed += 1;
      console.log(`  ${problem === null ? "passed" : "FAILED"}  ${name} (${Math.round(performance.now() - started)} ms)${problem === null ? "" : `\n${problem}`}`);
    }
    for (const name of existsSync(vectors) ? ["passive-client-welcome", "passive-client-handling-commit"] : []) {
      if (!(await play(page, name, suspend))) failed += 1;
    }
    const times = await page.evaluate((way) => globalThis.mls.measure(way), suspend);
    for (const [what, milliseconds] of Object.entries(times)) console.log(`  ${milliseconds.toFixed(2).padStart(8)} ms  ${what}`);
  }
} finally {
  await browser.close();
  await site.stop();
}
process.exit(failed === 0 ? 0 : 1);
