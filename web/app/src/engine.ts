/** The module of lib/: WebAssembly, loaded once a tab leads or handles a file, so that the first screen does not wait for it. */
import type { FileCipher } from "@wardline/mls";
import type { CreateMlsEngine } from "@wardline/mls/engine";

export const loadEngine = async (): Promise<CreateMlsEngine> => (await import("@wardline/mls")).createMlsEngine;

let cipher: Promise<FileCipher> | null = null;

/** One for the page: it belongs to no session and keeps nothing. */
export function loadFileCipher(): Promise<FileCipher> {
  cipher ??= createFileCipher();
  return cipher;
}

async function createFileCipher(): Promise<FileCipher> {
  try {
    return await (await import("@wardline/mls")).createFileCipher();
  } catch (error) {
    cipher = null; // The next file tries again.
    throw error;
  }
}
