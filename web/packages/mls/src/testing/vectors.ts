/** Plays the official vectors of RFC 9420 for passive clients, in the module's second form: lib/wasm/host/vectors_main.cpp. */
import { Writer } from "../codec.ts";
import { createRunner } from "../host/runner.ts";

/** A case of passive-client-*.json: binary values in hexadecimal. */
export interface PassiveClientCase {
  readonly cipher_suite: number;
  readonly key_package: string;
  readonly init_priv: string;
  readonly encryption_priv: string;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly ratchet_tree: string | null;
  readonly welcome: string;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly { readonly proposals: readonly string[]; readonly commit: string; readonly epoch_authenticator: string }[];
}

export interface Played {
  readonly passed: number;
  readonly suites: readonly number[];
  readonly failures: readonly string[];
}

export async function playPassiveClients(module: WebAssembly.Module, cases: readonly PassiveClientCase[], suspend: boolean): Promise<Played> {
  const runner = await createRunner(module, null, suspend);
  const failures: string[] = [];
  for (const [index, each] of cases.entries()) {
    const problem = new TextDecoder().decode(await runner.run("wardline_check_passive_client", encodeCase(each)));
    if (problem !== "") failures.push(`case ${index}, suite ${each.cipher_suite}: ${problem}`);
  }
  runner.close();
  const suites = [...new Set(cases.map((each) => each.cipher_suite))].sort();
  return { passed: cases.length - failures.length, suites, failures };
}

function encodeCase(each: PassiveClientCase): Uint8Array {
  return new Writer()
    .uint(each.cipher_suite, 2)
    .opaque(hex(each.key_package))
    .opaque(privateKey(each, each.init_priv))
    .opaque(privateKey(each, each.encryption_priv))
    .vector(each.external_psks, (out, psk) => out.opaque(hex(psk.psk_id)).opaque(hex(psk.psk)))
    .optional(each.ratchet_tree, (out, tree) => out.opaque(hex(tree)))
    .opaque(hex(each.welcome))
    .opaque(hex(each.initial_epoch_authenticator))
    .vector(each.epochs, (out, epoch) =>
      out
        .vector(epoch.proposals, (inner, proposal) => inner.opaque(hex(proposal)))
        .opaque(hex(epoch.commit))
        .opaque(hex(epoch.epoch_authenticator)),
    )
    .take();
}

/** The vectors leave out leading zeros of P-521 keys, which RFC 9180 §7.1.2 does not. */
const privateKey = (each: PassiveClientCase, digits: string) => hex(each.cipher_suite === 5 ? digits.padStart(132, "0") : digits);

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
