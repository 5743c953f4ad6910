/** The MLS engine: WebAssembly, loaded once a device leads, so that the first screen does not wait for it. */
import type { CreateMlsEngine } from "@wardline/mls/engine";

export async function loadEngine(): Promise<CreateMlsEngine> {
  const module = (await import("@wardline/mls")) as { createMlsEngine?: CreateMlsEngine };
  if (module.createMlsEngine === undefined) throw new Error("this build carries no MLS module");
  return module.createMlsEngine;
}
