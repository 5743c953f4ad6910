/**
 * The sealed form of state. The module seals a conversation's state itself (lib/mls/member/sealed.h) under a key of that
 * conversation; what the host's StateSealer seals is that key, once. So plaintext state never leaves the module, and a message
 * costs no sealing beyond its ratchets.
 */
import { Reader, Writer } from "./codec.ts";
import { MlsError, type StateSealer } from "./engine.ts";
import { type ModuleState, readState, writeState } from "./wire.ts";

const VERSION = 1;
const KEY_SIZE = 32;
const CONTEXT = "wardline mls state key v1";

/** A sealing key, in the clear for the module and sealed for the store. Wipe `key` after use. */
export interface WrappedKey {
  readonly key: Uint8Array;
  readonly wrapped: Uint8Array;
}

export async function newKey(sealer: StateSealer): Promise<WrappedKey> {
  const key = crypto.getRandomValues(new Uint8Array(KEY_SIZE));
  return { key, wrapped: await sealer.seal(key, CONTEXT) };
}

export function sealedState(wrapped: Uint8Array, state: ModuleState): Uint8Array {
  return writeState(new Writer().uint(VERSION, 1).opaque(wrapped), state).take();
}

export function sealedPrivate(wrapped: Uint8Array, bundle: Uint8Array): Uint8Array {
  return new Writer().uint(VERSION, 1).opaque(wrapped).opaque(bundle).take();
}

export const openState = (sealer: StateSealer, sealed: Uint8Array) => unwrap(sealer, sealed, readState);
export const openPrivate = (sealer: StateSealer, sealed: Uint8Array) => unwrap(sealer, sealed, (input) => input.opaque());

async function unwrap<T>(sealer: StateSealer, sealed: Uint8Array, read: (input: Reader) => T): Promise<WrappedKey & { readonly content: T }> {
  const { wrapped, content } = parse(sealed, read);
  try {
    return { key: await sealer.open(wrapped, CONTEXT), wrapped, content };
  } catch {
    throw new MlsError("unreadable-state");
  }
}

function parse<T>(sealed: Uint8Array, read: (input: Reader) => T): { wrapped: Uint8Array; content: T } {
  try {
    const input = new Reader(sealed);
    if (input.uint(1) !== VERSION) throw new MlsError("unreadable-state");
    const wrapped = input.opaque();
    const content = read(input);
    if (!input.atEnd) throw new MlsError("unreadable-state");
    return { wrapped, content };
  } catch {
    throw new MlsError("unreadable-state");
  }
}
