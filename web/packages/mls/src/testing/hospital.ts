/** A device CA, a server that may propose removals, and devices with engines: what MLS tests need around them. */
import { Writer } from "../codec.ts";
import { createMlsEngineFrom } from "../create.ts";
import type { DeliveryServiceParameters, DeviceIdentity, KeyPackageForUpload, MemberDevice, MlsEngine, NewMember, StateSealer } from "../engine.ts";
import { trusting } from "../trusting.ts";
import { issueCertificate, signP256 } from "./der.ts";
import { TestDeviceLog } from "./device_log.ts";

const DAY = 24 * 60 * 60 * 1_000_000;
const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
export const uuid = () => crypto.randomUUID() as string;

/** AES-256-GCM under a key of its own, as the store of the browser does it. */
export async function createSealer(): Promise<StateSealer> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const parameters = (iv: Uint8Array<ArrayBuffer>, context: string) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(context) });
  return {
    async seal(plaintext, context) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(parameters(iv, context), key, plaintext as Uint8Array<ArrayBuffer>);
      return Uint8Array.from([...iv, ...new Uint8Array(sealed)]);
    },
    async open(sealed, context) {
      const whole = Uint8Array.from(sealed);
      return new Uint8Array(await crypto.subtle.decrypt(parameters(whole.slice(0, 12), context), key, whole.slice(12)));
    },
  };
}

/** A device with its engine, what it stores, and how it stores. */
export interface Phone extends MemberDevice {
  engine: MlsEngine;
  readonly identity: DeviceIdentity;
  readonly sealer: StateSealer;
  readonly packages: Map<string, Uint8Array>;
  /** By conversation: what was written last. */
  readonly states: Map<string, Uint8Array>;
}

export interface CertificateOptions {
  readonly days?: number;
  readonly logged?: boolean;
  readonly withoutKeyIdentifiers?: boolean;
}

/** `issuer`: another CA than the one that everybody trusts. */
export interface PhoneOptions extends CertificateOptions {
  readonly issuer?: Hospital;
  readonly deviceId?: string;
}

export class Hospital {
  now = Date.now() * 1000;
  log = new TestDeviceLog();
  readonly module: WebAssembly.Module;
  readonly suspend: boolean;
  private readonly ca: CryptoKeyPair;
  private readonly server: CryptoKeyPair;
  private readonly caCertificate: Uint8Array;
  private readonly serverKey: Uint8Array;

  private constructor(module: WebAssembly.Module, suspend: boolean, ca: CryptoKeyPair, server: CryptoKeyPair, caCertificate: Uint8Array, serverKey: Uint8Array) {
    this.module = module;
    this.suspend = suspend;
    this.ca = ca;
    this.server = server;
    this.caCertificate = caCertificate;
    this.serverKey = serverKey;
  }

  static async open(module: WebAssembly.Module, suspend: boolean): Promise<Hospital> {
    const ca = await newKey();
    const server = await newKey();
    const now = Date.now() * 1000;
    const publicKey = await rawKey(ca);
    const certificate = await issueCertificate(
      { subject: "Test authority", issuer: "Test authority", publicKey, issuerKey: publicKey, notBefore: now - DAY, notAfter: now + 900 * DAY },
      ca.privateKey,
    );
    return new Hospital(module, suspend, ca, server, certificate, await rawKey(server));
  }

  /** The same authority and server, for engines of the other kind. */
  with(suspend: boolean): Hospital {
    const other = new Hospital(this.module, suspend, this.ca, this.server, this.caCertificate, this.serverKey);
    other.log = this.log;
    return other;
  }

  /** An engine for a device. */
  async phone(userId = uuid(), options: PhoneOptions = {}): Promise<Phone> {
    const { issuer = this, deviceId = uuid() } = options;
    const signatureKey = await newKey();
    const certificate = await issuer.certify(await rawKey(signatureKey), userId, deviceId, options);
    const identity = { userId, deviceId, signatureKey, certificateChain: [certificate, this.caCertificate] };
    const sealer = await createSealer();
    const phone = { userId, deviceId, identity, sealer, packages: new Map(), states: new Map(), engine: undefined as unknown as MlsEngine };
    phone.engine = await issuer.start(phone);
    return phone;
  }

  /** A new engine for a device that was restarted: nothing is in memory. Proofs come from `log`. */
  async start(phone: Phone, deviceLogState?: Uint8Array): Promise<MlsEngine> {
    const engine = await this.startAlone(phone, deviceLogState);
    return this.trusted(engine);
  }

  /** The engine, with proofs from `log`. */
  trusted(engine: MlsEngine): MlsEngine {
    return trusting(engine, (certificates) => this.prove(engine, certificates));
  }

  /** One that nobody fetches proofs for. */
  startAlone(phone: Phone, deviceLogState?: Uint8Array, deviceLogKey = this.log.key): Promise<MlsEngine> {
    const deliveryService = { ...this.deliveryService(), deviceLogKey };
    const options = { identity: phone.identity, deliveryService, sealer: phone.sealer, now: () => this.now, ...(deviceLogState && { deviceLogState }) };
    return createMlsEngineFrom(this.module, options, this.suspend);
  }

  /** As the server answers: a newer checkpoint first, then what is in it. What is not logged stays unproven. */
  async prove(engine: MlsEngine, certificates: readonly Uint8Array[]): Promise<void> {
    const { log } = this;
    const { size } = await engine.deviceLog();
    await engine.learnCheckpoint({ checkpoint: log.checkpoint(), consistency: log.consistency(size) });
    const known = certificates.filter((certificate) => log.find(certificate) >= 0);
    await engine.proveLogged(known.map((certificate) => {
      const index = log.find(certificate);
      return { certificate, index, proof: log.inclusion(index) };
    }));
  }

  /** What everybody is told about the server. */
  deliveryService(): DeliveryServiceParameters {
    return { externalSender: this.externalSender(), deviceCa: this.caCertificate, deviceLogKey: this.log.key, cipherSuite: 2 };
  }

  /** `logged`: as a registration is, in the device log. */
  async certify(publicKey: Uint8Array, userId: string, deviceId: string, options: CertificateOptions = {}): Promise<Uint8Array> {
    const { days = 300, logged = true, withoutKeyIdentifiers = false } = options;
    const validity = { notBefore: this.now - DAY, notAfter: this.now + days * DAY };
    const issuerKey = await rawKey(this.ca);
    const certificate = await issueCertificate({ subject: userId, issuer: "Test authority", publicKey, issuerKey, ...validity, uri: `urn:uuid:${deviceId}`, withoutKeyIdentifiers }, this.ca.privateKey);
    if (logged) this.log.add(userId, deviceId, certificate);
    return certificate;
  }

  /** RFC 9420 §12.1.8.1, with a basic credential. */
  private externalSender(): Uint8Array {
    return new Writer().opaque(this.serverKey).uint(1, 2).text("wardline").take();
  }

  /** RFC 9420 §12.1.8: a Remove by the server, for a group of this context, as a complete MLSMessage. */
  async proposeRemoval(conversationId: string, epoch: number, leaf: number): Promise<Uint8Array> {
    const id = Uint8Array.from(conversationId.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const content = new Writer().opaque(id).uint(epoch, 8).uint(2, 1).uint(0, 4).opaque(new Uint8Array());
    const framed = content.uint(2, 1).uint(3, 2).uint(leaf, 4).take();
    // §6.1 FramedContentTBS under §5.1.2 SignWithLabel.
    const tbs = new Writer().uint(1, 2).uint(1, 2).raw(framed).take();
    const signed = new Writer().text("MLS 1.0 FramedContentTBS").opaque(tbs).take();
    const signature = await signP256(this.server.privateKey, signed);
    return new Writer().uint(1, 2).uint(1, 2).raw(framed).opaque(signature).take();
  }
}

const newKey = () => crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
const rawKey = async (pair: CryptoKeyPair) => new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));

/** A key package of a device, its private part stored. */
export async function invite(phone: Phone): Promise<NewMember> {
  const [made] = await phone.engine.keyPackages({ count: 1 });
  keep(phone, made!);
  return { userId: phone.userId, deviceId: phone.deviceId, keyPackage: made!.keyPackage };
}

export const keep = (phone: Phone, made: KeyPackageForUpload) => void phone.packages.set(made.reference, made.sealedPrivate);

export const device = ({ userId, deviceId }: MemberDevice): MemberDevice => ({ userId, deviceId });
