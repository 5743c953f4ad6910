export * from "./engine.ts";
export { createMlsEngine } from "./create.ts";
