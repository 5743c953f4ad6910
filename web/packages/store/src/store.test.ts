import { afterEach, describe, expect, it } from "vitest";
import { findDevice, keepDevice, removeDevice } from "./identity.ts";
import { createLocalKey, deriveStoreKey, Sealer, UnsealError } from "./seal.ts";
import { SealedStore, TABLES } from "./store.ts";

const USER = "018f0000-0000-7000-8000-000000000001";
const share = (fill: number) => new Uint8Array(32).fill(fill);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const open: SealedStore[] = [];

async function storeWith(key: CryptoKey): Promise<SealedStore> {
  const store = await SealedStore.open(USER, key);
  open.push(store);
  return store;
}

/** Everything that lies in IndexedDB for this user, as a thief of the disk would read it. */
async function rawBytes(): Promise<string> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open(`wardline-${USER}`);
    request.onsuccess = () => resolve(request.result);
  });
  let all = "";
  for (const table of TABLES) {
    const values = await new Promise<Uint8Array[]>((resolve) => {
      const request = database.transaction(table).objectStore(table).getAll();
      request.onsuccess = () => resolve(request.result);
    });
    for (const value of values) all += Buffer.from(value).toString("latin1");
  }
  database.close();
  return all;
}

afterEach(async () => {
  for (const store of open.splice(0)) store.close();
  await SealedStore.erase(USER);
});

describe("the key of the store", () => {
  it("needs both halves: another share or another device opens nothing (DEV-2)", async () => {
    const local = await createLocalKey();
    const sealed = await new Sealer(await deriveStoreKey(local, share(1), "records")).seal(bytesOf("secret"), "here");
    const again = new Sealer(await deriveStoreKey(local, share(1), "records"));
    expect(Buffer.from(await again.open(sealed, "here")).toString()).toBe("secret");
    const others = [
      await deriveStoreKey(local, share(2), "records"),
      await deriveStoreKey(await createLocalKey(), share(1), "records"),
      await deriveStoreKey(local, share(1), "mls"),
    ];
    for (const key of others) await expect(new Sealer(key).open(sealed, "here")).rejects.toThrow(UnsealError);
  });

  it("cannot be read by the page", async () => {
    const local = await createLocalKey();
    const key = await deriveStoreKey(local, share(1), "records");
    await expect(crypto.subtle.exportKey("raw", local)).rejects.toThrow();
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });

  it("refuses a share that is too short to be one", async () => {
    await expect(deriveStoreKey(await createLocalKey(), new Uint8Array(8), "records")).rejects.toThrow(RangeError);
  });
});

describe("the store", () => {
  it("gives back what was written and keeps no readable word on disk (ENC-3)", async () => {
    const store = await storeWith(await deriveStoreKey(await createLocalKey(), share(1), "records"));
    await store.write([
      { table: "messages", key: ["c", 1], value: { text: "Potassium 6.8" } },
      { table: "mls", key: "c", value: bytesOf("ratchet") },
    ]);
    expect(await store.get("messages", ["c", 1])).toEqual({ text: "Potassium 6.8" });
    expect(Buffer.from((await store.get<Uint8Array>("mls", "c"))!).toString()).toBe("ratchet");
    const raw = await rawBytes();
    expect(raw.length).toBeGreaterThan(40);
    expect(raw).not.toContain("Potassium");
    expect(raw).not.toContain("ratchet");
  });

  it("does not open a record that was moved to another place", async () => {
    const key = await deriveStoreKey(await createLocalKey(), share(1), "records");
    const store = await storeWith(key);
    await store.write([{ table: "drafts", key: "a", value: "for Anna" }]);
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(`wardline-${USER}`);
      request.onsuccess = () => resolve(request.result);
    });
    await new Promise<void>((resolve) => {
      const transaction = database.transaction("drafts", "readwrite");
      const table = transaction.objectStore("drafts");
      const request = table.get("a");
      request.onsuccess = () => table.put(request.result, "b");
      transaction.oncomplete = () => resolve();
    });
    database.close();
    expect(await store.get("drafts", "a")).toBe("for Anna");
    await expect(store.get("drafts", "b")).rejects.toThrow(UnsealError);
  });

  it("writes a batch wholly or not at all", async () => {
    const store = await storeWith(await deriveStoreKey(await createLocalKey(), share(1), "records"));
    const attempt = store.write([
      { table: "outbox", key: "1", value: { text: "first" } },
      // Not a valid IndexedDB key: the second half of the batch fails.
      { table: "facts", key: Number.NaN as unknown as string, value: 1 },
    ]);
    await expect(attempt).rejects.toThrow();
    expect(await store.get("outbox", "1")).toBeUndefined();
  });

  it("lists in order, bounded and backwards, one conversation at a time", async () => {
    const store = await storeWith(await deriveStoreKey(await createLocalKey(), share(1), "records"));
    await store.write(
      [1, 2, 3, 10, 11].flatMap((sequence) => [
        { table: "messages" as const, key: ["a", sequence] as const, value: sequence },
        { table: "messages" as const, key: ["b", sequence] as const, value: -sequence },
      ]),
    );
    const newest = await store.list<number>("messages", { from: ["a", 0], to: ["a", Infinity], limit: 2, backwards: true });
    expect(newest.map((record) => record.value)).toEqual([11, 10]);
    const rest = await store.list<number>("messages", { from: ["a", 0], to: ["a", 9] });
    expect(rest.map((record) => record.value)).toEqual([1, 2, 3]);
  });
});

describe("the device record", () => {
  it("keeps keys that can sign and cannot be exported", async () => {
    const signatureKey = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await keepDevice({ userId: USER, deviceId: "d", signatureKey, localKey: await createLocalKey(), certificateChain: [] });
    const found = await findDevice(USER);
    expect(found!.deviceId).toBe("d");
    await expect(crypto.subtle.exportKey("pkcs8", found!.signatureKey.privateKey)).rejects.toThrow();
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, found!.signatureKey.privateKey, bytesOf("x"));
    expect(signature.byteLength).toBe(64);
    await removeDevice(USER);
    expect(await findDevice(USER)).toBeUndefined();
  });
});
