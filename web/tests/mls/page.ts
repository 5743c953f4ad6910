/** What tests/mls/run.mjs calls in the page. */
import { canSuspend } from "../../packages/mls/src/host/runner.ts";
import { loadModule } from "../../packages/mls/src/module.ts";
import { measure } from "../../packages/mls/src/testing/measure.ts";
import { Hospital } from "../../packages/mls/src/testing/hospital.ts";
import { type PassiveClientCase, playPassiveClients } from "../../packages/mls/src/testing/vectors.ts";
import { deviceLogScenarios } from "../../packages/mls/src/testing/device_log_scenarios.ts";
import { scenarios } from "../../packages/mls/src/testing/scenarios.ts";

const all = { ...scenarios, ...deviceLogScenarios };

const page = {
  canSuspend,
  names: () => Object.keys(all),
  run: async (name: string, suspend: boolean) => all[name]!(await Hospital.open(await loadModule(), suspend)),
  play: async (module: string, cases: PassiveClientCase[], suspend: boolean) =>
    playPassiveClients(await WebAssembly.compile(Uint8Array.from(atob(module), (c) => c.charCodeAt(0))), cases, suspend),
  measure: async (suspend: boolean) => measure(await Hospital.open(await loadModule(), suspend)),
};
export type MlsPage = typeof page;
(globalThis as { mls?: MlsPage }).mls = page;
