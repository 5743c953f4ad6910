export * from "./browser.ts";
export * from "./device_log.ts";
export * from "./engine.ts";
export { doubleFileCipher } from "./files.ts";
export * from "./people.ts";
export * from "./server.ts";
export * from "./workspace.ts";
