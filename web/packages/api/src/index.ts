export * from "./backoff.ts";
export * from "./base64url.ts";
export * from "./client.ts";
export * from "./frames.ts";
export type { HttpOptions } from "./http.ts";
export * from "./problem.ts";
export * from "./socket.ts";
export * from "./types.ts";
