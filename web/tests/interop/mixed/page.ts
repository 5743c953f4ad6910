/** What tests/interop/mixed.mjs calls in the page. `native` is there: a line for the program mls-peer, and its answer. */
import { canSuspend } from "../../../packages/mls/src/host/runner.ts";
import { loadModule } from "../../../packages/mls/src/module.ts";
import { Cast } from "./cast.ts";
import { type Script, Story } from "./story.ts";

const { native } = globalThis as unknown as { native(line: string): Promise<string> };

const CHUNK = 0x8000;
function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

const page = {
  canSuspend,
  /** `peer`: the module mls_peer.wasm. */
  async tell(peer: string, script: Script) {
    const call = async (entry: string, instance: string, input: Uint8Array) => fromBase64(await native(`${entry} ${instance} ${base64(input)}`));
    const cast = await Cast.open(await loadModule(), await WebAssembly.compile(fromBase64(peer)), call);
    return new Story(cast, script).tell();
  },
};
(globalThis as { mixed?: typeof page }).mixed = page;
