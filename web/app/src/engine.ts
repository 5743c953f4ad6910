/** The MLS engine: WebAssembly, loaded once a tab leads, so that the first screen does not wait for it. */
import type { CreateMlsEngine } from "@wardline/mls/engine";

export const loadEngine = async (): Promise<CreateMlsEngine> => (await import("@wardline/mls")).createMlsEngine;
