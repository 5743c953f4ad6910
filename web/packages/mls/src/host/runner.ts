/**
 * Runs the module's functions, which call primitives that may have to wait for WebCrypto, above all to sign with a key that
 * nobody can read. Two ways:
 *
 * - Suspending: JavaScript Promise Integration halts the module inside the call and goes on when the promise settles.
 * - Replaying, where a browser lacks that: the call is thrown out of the module, its memory put back as it was, the promise
 *   awaited, and the call made again. What primitives gave before is played back from a journal, random bytes too, so that the
 *   call comes to the same place and finds the answer there. A commit signs four times and costs four short runs.
 *
 * Either way one call runs at a time: the module has one stack.
 */
import { type DeviceKey, type Perform, type Result, WAITING, makeImports, wasi } from "./imports.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __stack_pointer: WebAssembly.Global;
  _initialize(): void;
  wardline_allocate(size: number): number;
  wardline_answer_size(): number;
  wardline_answer_done(): void;
  wardline_close(): void;
}

/** An exported function that takes input and gives the place of its answer. */
type Entry = (at: number, size: number) => number | Promise<number>;

export interface Runner {
  /** Calls an exported function. The answer is a copy; nothing of it stays in the module. */
  run(entry: string, input: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

interface PromiseIntegration {
  Suspending: new (call: (...numbers: number[]) => unknown) => WebAssembly.ImportValue;
  promising(call: Entry): (at: number, size: number) => Promise<number>;
}

export const canSuspend = (): boolean => "Suspending" in WebAssembly && "promising" in WebAssembly;

export const createRunner = (module: WebAssembly.Module, device: DeviceKey | null, suspend = canSuspend()): Promise<Runner> =>
  suspend ? createSuspending(module, device) : createReplaying(module, device);

const entryOf = (exports: Exports, name: string) => (exports as unknown as Record<string, Entry>)[name]!;

function place(exports: Exports, input: Uint8Array): number {
  const at = exports.wardline_allocate(input.length) >>> 0;
  new Uint8Array(exports.memory.buffer).set(input, at);
  return at;
}

function takeAnswer(exports: Exports, at: number): Uint8Array<ArrayBuffer> {
  const answer = new Uint8Array(exports.memory.buffer, at >>> 0, exports.wardline_answer_size()).slice();
  exports.wardline_answer_done();
  return answer;
}

async function createSuspending(module: WebAssembly.Module, device: DeviceKey | null): Promise<Runner> {
  const { Suspending, promising } = WebAssembly as unknown as PromiseIntegration;
  const perform: Perform = (work, finish) => {
    const waiting = work.later?.();
    return waiting === undefined ? finish(work.now?.() ?? null) : waiting.then(finish);
  };
  const calls = makeImports(() => exports.memory, device, perform);
  const wardline: Record<string, WebAssembly.ImportValue> = { ...calls };
  for (const name of WAITING) wardline[name] = new Suspending(calls[name]!);
  const instance = await WebAssembly.instantiate(module, { wardline, wasi_snapshot_preview1: wasi });
  const exports = instance.exports as unknown as Exports;
  exports._initialize();
  return {
    async run(entry, input) {
      const at = await promising(entryOf(exports, entry))(place(exports, input), input.length);
      return takeAnswer(exports, at);
    },
    close: () => exports.wardline_close(),
  };
}

/** Thrown through the module by a primitive that must wait. */
class MustWait {
  readonly promise: Promise<Result>;
  constructor(promise: Promise<Result>) {
    this.promise = promise;
  }
}

async function createReplaying(module: WebAssembly.Module, device: DeviceKey | null): Promise<Runner> {
  let journal: Result[] = [];
  let played = 0;
  const perform: Perform = (work, finish) => {
    if (played === journal.length) {
      if (work.now === null) throw new MustWait(work.later?.() ?? Promise.resolve(null));
      journal.push(work.now());
    }
    return finish(journal[played++] ?? null);
  };
  const wardline = makeImports(() => exports.memory, device, perform);
  const instance = await WebAssembly.instantiate(module, { wardline, wasi_snapshot_preview1: wasi });
  const exports = instance.exports as unknown as Exports;
  exports._initialize();

  const attempt = (entry: string, input: Uint8Array) => {
    played = 0;
    return takeAnswer(exports, entryOf(exports, entry)(place(exports, input), input.length) as number);
  };
  return {
    async run(entry, input) {
      const before = new Uint8Array(exports.memory.buffer).slice();
      const stack: unknown = exports.__stack_pointer.value;
      journal = [];
      try {
        for (;;) {
          try {
            return attempt(entry, input);
          } catch (thrown) {
            const memory = new Uint8Array(exports.memory.buffer);
            memory.set(before);
            memory.fill(0, before.length);
            exports.__stack_pointer.value = stack;
            if (!(thrown instanceof MustWait)) throw thrown;
            journal.push(await thrown.promise);
          }
        }
      } finally {
        before.fill(0);
        for (const result of journal) if (result instanceof Uint8Array) result.fill(0);
        journal = [];
      }
    },
    close: () => exports.wardline_close(),
  };
}
