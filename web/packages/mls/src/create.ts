/** The MLS engine of the browser: lib/mls as a WebAssembly module. See engine.ts for what is promised. */
import { Writer } from "./codec.ts";
import type { CreateMlsEngine, DeviceIdentity, EngineOptions, MlsEngine } from "./engine.ts";
import { describeKey } from "./host/webcrypto.ts";
import { type Runner, createRunner } from "./host/runner.ts";
import { loadModule } from "./module.ts";
import { WasmEngine } from "./wasm_engine.ts";
import { readAnswer, writeDevice } from "./wire.ts";

export const createMlsEngine: CreateMlsEngine = async (options) => createMlsEngineFrom(await loadModule(), options);

/** For where the module does not come from the network. `suspend`: with JavaScript Promise Integration; what the browser can if left out. */
export async function createMlsEngineFrom(module: WebAssembly.Module, options: EngineOptions, suspend?: boolean): Promise<MlsEngine> {
  const { signatureKey } = options.identity;
  const { algorithm, publicKey } = await describeKey(signatureKey);
  return startEngine(await createRunner(module, { algorithm, key: signatureKey.privateKey }, suspend), publicKey, options);
}

/** What an engine starts from whose signing key the runner keeps. */
export type StartOptions = Omit<EngineOptions, "identity"> & { readonly identity: Omit<DeviceIdentity, "signatureKey"> };

export async function startEngine(runner: Runner, publicKey: Uint8Array, options: StartOptions): Promise<MlsEngine> {
  const now = options.now ?? (() => Date.now() * 1000);
  const { identity, deliveryService } = options;
  // RFC 9420 §5.3: the trust anchor may be left out of the chain, and everybody has it. It would double each leaf.
  const leaf = identity.certificateChain.slice(0, 1);
  const configuration = new Writer().uint(now(), 8).opaque(publicKey).uint(deliveryService.cipherSuite, 2);
  writeDevice(configuration, identity)
    .vector(leaf, (out, certificate) => out.opaque(certificate))
    .opaque(deliveryService.externalSender)
    .opaque(deliveryService.deviceCa)
    .text(deliveryService.deviceLogKey)
    .opaque(options.deviceLogState ?? new Uint8Array());
  readAnswer(await runner.run("wardline_configure", configuration.take()));
  return new WasmEngine(runner, options.sealer, now);
}
