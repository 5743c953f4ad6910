import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { canSuspend } from "./host/runner.ts";
import { Hospital } from "./testing/hospital.ts";
import { deviceLogScenarios } from "./testing/device_log_scenarios.ts";
import { scenarios } from "./testing/scenarios.ts";

const file = new URL("../dist/mls.wasm", import.meta.url);
if (!existsSync(file)) throw new Error("Build the module first: script/build-wasm");
const module = new WebAssembly.Module(readFileSync(file));

describe.each([{ suspend: false }, { suspend: true }])("the engine, with Promise Integration: $suspend", ({ suspend }) => {
  // Node.js has it from version 24 on; browsers run both in tests/browser/mls.
  for (const [name, scenario] of Object.entries({ ...scenarios, ...deviceLogScenarios })) {
    it.runIf(!suspend || canSuspend())(name, { timeout: 60_000 }, async () => scenario(await Hospital.open(module, suspend)));
  }
});
