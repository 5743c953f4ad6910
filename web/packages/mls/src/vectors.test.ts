import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type PassiveClientCase, playPassiveClients } from "./testing/vectors.ts";

const root = new URL("../../../../", import.meta.url);
const vectors = new URL("../shared/vectors/mls/", root);
const here = existsSync(vectors);
if (!here) console.warn("not run: the official vectors are not beside this checkout");

it.runIf(here).each(["passive-client-welcome", "passive-client-handling-commit"])("%s holds for every suite", { timeout: 240_000 }, async (name) => {
  const module = new WebAssembly.Module(readFileSync(new URL("build/wasm/mls_vectors.wasm", root)));
  const cases = JSON.parse(readFileSync(new URL(`${name}.json`, vectors), "utf8")) as PassiveClientCase[];
  const played = await playPassiveClients(module, cases, false);
  expect(played.failures).toEqual([]);
  expect(played.passed).toBeGreaterThan(0);
  expect(played.suites).toEqual([1, 2, 3, 4, 5, 6, 7]);

  const broken = { ...cases[0]!, initial_epoch_authenticator: "00".repeat(32) };
  expect((await playPassiveClients(module, [broken], false)).failures).toHaveLength(1);
});
