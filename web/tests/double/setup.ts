/** Before every unit test file: IndexedDB and localStorage in memory. Web Crypto is Node's own. */
import "fake-indexeddb/auto";

const kept = new Map<string, string>();
const storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "clear"> = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
  clear: () => kept.clear(),
};
Object.defineProperty(globalThis, "localStorage", { value: storage });
if (typeof navigator === "undefined") Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Chrome/1 Windows" } });
