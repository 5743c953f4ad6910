#!/usr/bin/env node
// Our MLS beside ts-mls, and beside mls-rs where that has been built.
// usage: node foreign.mjs [--peer PROGRAM] [--mls-rs PROGRAM] [--seed N] [--steps N] [--write]
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const { values } = parseArgs({
  options: { peer: { type: "string" }, "mls-rs": { type: "string" }, seed: { type: "string" }, steps: { type: "string" }, write: { type: "boolean" } },
});
const { module } = await runnerImport(join(here, "foreign/run.ts"), { configFile: false, logLevel: "warn" });
const passed = await module.run({
  program: values.peer ?? join(root, "build/dev/bin/mls-peer"),
  mlsRs: values["mls-rs"] ?? join(root, "tests/interop/mls_rs/target/release/mls-rs-peer"),
  page: join(root, "docs/mls-interoperation.md"),
  seed: Number(values.seed ?? Math.floor(Math.random() * 1e9)),
  steps: Number(values.steps ?? 40),
  write: values.write === true,
});
process.exit(passed ? 0 : 1);
