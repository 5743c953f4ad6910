/**
 * Files of messages, encrypted and decrypted in portions by the module (lib/attachment): C2SP chunked encryption, Cobblestone-256.
 * Needs no device and no conversation, so any tab may use it; it has an instance of the module of its own.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { Reader, Writer } from "./codec.ts";
import { createRunner, type Runner } from "./host/runner.ts";
import { loadModule } from "./module.ts";

/** A file as it goes to the server, and what only its recipients get to know. */
export interface EncryptedFile {
  readonly ciphertext: Blob;
  /** Of the ciphertext. */
  readonly sha256: Uint8Array;
  readonly key: Uint8Array;
}

export interface FileWork {
  readonly signal?: AbortSignal;
  /** How much is done, of 1. */
  readonly progress?: (done: number) => void;
}

export interface FileCipher {
  encrypt(file: Blob, work?: FileWork): Promise<EncryptedFile>;
  /** Rejects with FileError unless the ciphertext is, whole and in order, what the sender encrypted. `type`: of the resulting blob. */
  decrypt(file: EncryptedFile, type: string, work?: FileWork): Promise<Blob>;
}

/** Something is wrong with the file. Its message carries no content. */
export class FileError extends Error {
  readonly code: "wrong-key" | "damaged" | "failed";

  constructor(code: FileError["code"]) {
    super(code);
    this.name = "FileError";
    this.code = code;
  }
}

export const createFileCipher = async (): Promise<FileCipher> => createFileCipherFrom(await loadModule());

/** For where the module does not come from the network. `suspend`: as for `createMlsEngineFrom`. */
export async function createFileCipherFrom(module: WebAssembly.Module, suspend?: boolean): Promise<FileCipher> {
  return new ModuleFileCipher(await createRunner(module, null, suspend));
}

/** How long a file of that size is when it is encrypted. */
export const sealedSize = (size: number): number => HEADER + size + (Math.floor(size / CHUNK) + 1) * TAG;

const HEADER = 56;
const CHUNK = 16 * 1024;
const TAG = 16;
const CHUNKS_AT_ONCE = 16;
const Method = { begin: 1, seal: 2, open: 3 } as const;

interface Keys {
  readonly key: Uint8Array;
  readonly header: Uint8Array;
}

class ModuleFileCipher implements FileCipher {
  private readonly runner: Runner;
  // The module runs one call at a time.
  private last: Promise<unknown> = Promise.resolve();

  constructor(runner: Runner) {
    this.runner = runner;
  }

  async encrypt(file: Blob, work: FileWork = {}): Promise<EncryptedFile> {
    const begun = await this.call(new Writer().uint(Method.begin, 1));
    const keys = { key: begun.opaque(), header: begun.opaque() };
    const digest = sha256.create().update(keys.header);
    const parts = await this.portions(Method.seal, keys, file, CHUNK, work, (sealed) => digest.update(sealed));
    return { ciphertext: new Blob([keys.header, ...parts]), sha256: digest.digest(), key: keys.key };
  }

  async decrypt(file: EncryptedFile, type: string, work: FileWork = {}): Promise<Blob> {
    const header = await bytesOf(file.ciphertext.slice(0, HEADER));
    const digest = sha256.create().update(header);
    const body = file.ciphertext.slice(HEADER);
    const parts = await this.portions(Method.open, { key: file.key, header }, body, CHUNK + TAG, work, undefined, (sealed) => digest.update(sealed));
    // The key alone would let any member pass off another file: the digest is what the sender named.
    if (!same(digest.digest(), file.sha256)) throw new FileError("damaged");
    return new Blob(parts, { type });
  }

  /** The file through the module, a few chunks at a time; the last portion, which may be empty, ends it. */
  private async portions(
    method: number, keys: Keys, file: Blob, chunk: number, work: FileWork, after?: (result: Uint8Array) => void, before?: (input: Uint8Array) => void,
  ): Promise<Uint8Array<ArrayBuffer>[]> {
    const size = chunk * CHUNKS_AT_ONCE;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; ; at += size) {
      work.signal?.throwIfAborted();
      const input = await bytesOf(file.slice(at, at + size));
      before?.(input);
      const last = at + size > file.size;
      const request = new Writer().uint(method, 1).opaque(keys.key).opaque(keys.header);
      const answer = await this.call(request.uint((at / chunk), 8).uint(last ? 1 : 0, 1).opaque(input));
      const result = answer.opaque();
      after?.(result);
      parts.push(result);
      work.progress?.(last ? 1 : (at + size) / file.size);
      if (last) return parts;
    }
  }

  private call(request: Writer): Promise<Reader> {
    const run = async () => {
      const answer = new Reader(await this.runner.run("wardline_file_call", request.take()));
      const code = answer.uint(1);
      if (code !== 0) throw new FileError(code === 2 ? "wrong-key" : code === 3 || code === 4 || code === 5 ? "damaged" : "failed");
      return answer;
    };
    const result = this.last.then(run, run);
    this.last = result.catch(() => undefined);
    return result;
  }
}

const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
const same = (left: Uint8Array, right: Uint8Array) => left.length === right.length && left.every((byte, at) => byte === right[at]);
