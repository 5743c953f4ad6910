/** Who plays in a mixed group: each way in which the library runs, with a device of its own. */
import { startEngine } from "../../../packages/mls/src/create.ts";
import { type Runner, createRunner } from "../../../packages/mls/src/host/runner.ts";
import { Hospital, createSealer } from "../../../packages/mls/src/testing/hospital.ts";
import { Peer } from "../peer.ts";
import { EnginePerson } from "./engine_person.ts";
import { PeerPerson } from "./peer_person.ts";
import type { Person } from "./person.ts";

/** A call of the program mls-peer: entry, instance, input. */
export type Native = (entry: string, instance: string, input: Uint8Array) => Promise<Uint8Array>;

export const KINDS = [
  "engine in the page, suspended", // JavaScript Promise Integration, WebCrypto
  "engine in the page, replayed", // as a browser without it: @noble
  "engine, native",
  "member in the page, suspended",
  "member in the page, replayed",
  "member, native",
] as const;
export type Kind = (typeof KINDS)[number];

export class Cast {
  readonly hospital: Hospital;
  /** Follows groups as a server does, and opens what engines have sealed. */
  readonly witness: Peer;
  private readonly native: Native;
  private readonly replayed: Hospital;
  private readonly peers: Record<"suspended" | "replayed", Peer>;
  private count = 0;

  private constructor(native: Native, hospital: Hospital, replayed: Hospital, peers: Record<"suspended" | "replayed", Peer>) {
    this.native = native;
    this.hospital = hospital;
    this.replayed = replayed;
    this.peers = peers;
    this.witness = this.nativePeer();
  }

  static async open(engine: WebAssembly.Module, peer: WebAssembly.Module, native: Native): Promise<Cast> {
    const hospital = await Hospital.open(engine, true);
    const inPage = async (suspend: boolean) => {
      const runner = await createRunner(peer, null, suspend);
      // The module has one stack: one call at a time.
      let last: Promise<unknown> = Promise.resolve();
      return new Peer((request) => {
        const run = last.then(() => runner.run("wardline_peer", request));
        last = run.catch(() => undefined);
        return run;
      });
    };
    return new Cast(native, hospital, hospital.with(false), { suspended: await inPage(true), replayed: await inPage(false) });
  }

  async person(kind: Kind): Promise<Person> {
    const name = `${++this.count} (${kind})`;
    switch (kind) {
      case "engine in the page, suspended":
        return this.inPage(name, kind, this.hospital);
      case "engine in the page, replayed":
        return this.inPage(name, kind, this.replayed);
      case "engine, native":
        return this.nativeEngine(name, kind);
      case "member in the page, suspended":
        return PeerPerson.create(name, kind, this.peers.suspended, this.hospital);
      case "member in the page, replayed":
        return PeerPerson.create(name, kind, this.peers.replayed, this.hospital);
      case "member, native":
        return PeerPerson.create(name, kind, this.witness, this.hospital);
    }
  }

  private nativePeer(): Peer {
    return new Peer((request) => this.native("peer", "0", request));
  }

  private async inPage(name: string, kind: Kind, hospital: Hospital): Promise<Person> {
    const phone = await hospital.phone();
    const { userId, deviceId, sealer } = phone;
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", phone.identity.signatureKey.publicKey));
    return EnginePerson.create(name, kind, { userId, deviceId, publicKey, sealer, start: () => hospital.start(phone) }, this.witness);
  }

  private async nativeEngine(name: string, kind: Kind): Promise<Person> {
    const instance = String(this.count);
    const deliveryService = this.hospital.deliveryService();
    const publicKey = await this.native("device_key", instance, Uint8Array.of(0, deliveryService.cipherSuite));
    const [userId, deviceId] = [crypto.randomUUID() as string, crypto.randomUUID() as string];
    const certificate = await this.hospital.certify(publicKey, userId, deviceId);
    const sealer = await createSealer();
    const runner: Runner = {
      run: async (entry, input) => Uint8Array.from(await this.native(entry, instance, input)),
      close: () => void this.native("close", instance, new Uint8Array()),
    };
    const identity = { userId, deviceId, certificateChain: [certificate] };
    const start = async () => this.hospital.trusted(await startEngine(runner, publicKey, { identity, deliveryService, sealer, now: () => this.hospital.now }));
    return EnginePerson.create(name, kind, { userId, deviceId, publicKey, sealer, start }, this.witness);
  }
}
