export * from "./identity.ts";
export * from "./seal.ts";
export * from "./store.ts";
export * from "./tabs.ts";
