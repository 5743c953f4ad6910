/** The local store: tables of sealed records, written in batches that are there wholly or not at all. */
import { answered, completed, deleteDatabase, openDatabase } from "./requests.ts";
import { Sealer } from "./seal.ts";

export const TABLES = [
  "conversations",
  "messages",
  "outbox",
  "drafts",
  "mls",
  "key_packages",
  "creations",
  "receipts",
  "directory",
  "facts",
] as const;
export type Table = (typeof TABLES)[number];
/** Keys are ids and sequence numbers: they say that something exists, never what it is. */
export type RecordKey = string | readonly [string, number];

export type Change =
  | { readonly table: Table; readonly key: RecordKey; readonly value: unknown }
  | { readonly table: Table; readonly key: RecordKey; readonly remove: true };

export interface Range {
  readonly from?: RecordKey;
  readonly to?: RecordKey;
  readonly limit?: number;
  /** Last first. */
  readonly backwards?: boolean;
}

const VERSION = 1;
const AS_JSON = 0;
const AS_BYTES = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const databaseName = (userId: string) => `wardline-${userId}`;

export class SealedStore {
  private readonly database: IDBDatabase;
  private readonly sealer: Sealer;

  private constructor(database: IDBDatabase, sealer: Sealer) {
    this.database = database;
    this.sealer = sealer;
  }

  static async open(userId: string, key: CryptoKey): Promise<SealedStore> {
    const database = await openDatabase(databaseName(userId), VERSION, (fresh) => {
      for (const table of TABLES) if (!fresh.objectStoreNames.contains(table)) fresh.createObjectStore(table);
    });
    return new SealedStore(database, new Sealer(key));
  }

  static erase(userId: string): Promise<void> {
    return deleteDatabase(databaseName(userId));
  }

  async get<T>(table: Table, key: RecordKey): Promise<T | undefined> {
    const sealed = await answered<Uint8Array | undefined>(this.table(table).get(key as IDBValidKey));
    return sealed === undefined ? undefined : this.unseal<T>(table, key, sealed);
  }

  /** Records in the order of their keys, with their keys. */
  async list<T>(table: Table, range: Range = {}): Promise<{ key: RecordKey; value: T }[]> {
    const found = await this.collect(table, range);
    return Promise.all(found.map(async ({ key, sealed }) => ({ key, value: await this.unseal<T>(table, key, sealed) })));
  }

  /** All or nothing, durable when the promise resolves. Sealing comes first: a transaction does not wait for WebCrypto. */
  async write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    const sealed = await Promise.all(changes.map((change) => ("remove" in change ? null : this.seal(change.table, change.key, change.value))));
    const tables = [...new Set(changes.map((change) => change.table))];
    const transaction = this.database.transaction(tables, "readwrite", { durability: "strict" });
    const done = completed(transaction);
    try {
      changes.forEach((change, index) => {
        const table = transaction.objectStore(change.table);
        const key = change.key as IDBValidKey;
        const bytes = sealed[index];
        if (bytes) table.put(bytes, key);
        else table.delete(key);
      });
    } catch (error) {
      // A request that cannot even be made does not abort the ones before it.
      done.catch(() => undefined);
      transaction.abort();
      throw error;
    }
    await done;
  }

  close(): void {
    this.database.close();
  }

  private table(name: Table): IDBObjectStore {
    return this.database.transaction(name, "readonly").objectStore(name);
  }

  private collect(name: Table, range: Range): Promise<{ key: RecordKey; sealed: Uint8Array }[]> {
    const { limit = Number.POSITIVE_INFINITY, backwards = false } = range;
    return new Promise((resolve, reject) => {
      const found: { key: RecordKey; sealed: Uint8Array }[] = [];
      const request = this.table(name).openCursor(bounds(range), backwards ? "prev" : "next");
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null || found.length >= limit) return resolve(found);
        found.push({ key: cursor.key as unknown as RecordKey, sealed: cursor.value as Uint8Array });
        cursor.continue();
      };
    });
  }

  private seal(table: Table, key: RecordKey, value: unknown): Promise<Uint8Array> {
    const isBytes = value instanceof Uint8Array;
    const body = isBytes ? value : encoder.encode(JSON.stringify(value));
    const plaintext = new Uint8Array(1 + body.length);
    plaintext[0] = isBytes ? AS_BYTES : AS_JSON;
    plaintext.set(body, 1);
    return this.sealer.seal(plaintext, context(table, key));
  }

  private async unseal<T>(table: Table, key: RecordKey, sealed: Uint8Array): Promise<T> {
    const plaintext = await this.sealer.open(sealed, context(table, key));
    const body = plaintext.subarray(1);
    return (plaintext[0] === AS_BYTES ? body : JSON.parse(decoder.decode(body))) as T;
  }
}

const context = (table: Table, key: RecordKey) => `${table}\u0000${JSON.stringify(key)}`;

function bounds({ from, to }: Range): IDBKeyRange | null {
  const lower = from as IDBValidKey | undefined;
  const upper = to as IDBValidKey | undefined;
  if (lower !== undefined && upper !== undefined) return IDBKeyRange.bound(lower, upper);
  if (lower !== undefined) return IDBKeyRange.lowerBound(lower);
  if (upper !== undefined) return IDBKeyRange.upperBound(upper);
  return null;
}
