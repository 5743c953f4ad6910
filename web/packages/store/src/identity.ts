/** Which device this browser is, per person: handles of keys that can be used and never read. */
import { answered, completed, openDatabase } from "./requests.ts";

export interface DeviceRecord {
  readonly userId: string;
  readonly deviceId: string;
  readonly signatureKey: CryptoKeyPair;
  readonly localKey: CryptoKey;
  /** DER, leaf first; empty until the server has registered the device. */
  readonly certificateChain: readonly Uint8Array[];
}

const DATABASE = "wardline-devices";
const TABLE = "devices";

async function withTable<T>(mode: IDBTransactionMode, use: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase(DATABASE, 1, (fresh) => fresh.createObjectStore(TABLE, { keyPath: "userId" }));
  try {
    const transaction = database.transaction(TABLE, mode, { durability: "strict" });
    const done = completed(transaction);
    const value = await answered(use(transaction.objectStore(TABLE)));
    await done;
    return value;
  } finally {
    database.close();
  }
}

export const findDevice = (userId: string): Promise<DeviceRecord | undefined> => withTable("readonly", (table) => table.get(userId));
export const keepDevice = (device: DeviceRecord): Promise<unknown> => withTable("readwrite", (table) => table.put(device));
export const removeDevice = (userId: string): Promise<unknown> => withTable("readwrite", (table) => table.delete(userId));
