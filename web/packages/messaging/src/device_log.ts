/**
 * The log of device certificates as this device follows it (ENC-8): at each session's start it must continue what was seen before;
 * certificates of others are proven before they are trusted; checkpoints that other members saw are compared with one's own; and
 * devices in one's own name are told to the person. The checks are the engine's; here is what is fetched, when, and what follows.
 */
import { decodeBase64Url, encodeBase64Url, isProblem, isSessionLoss, isTransient, type DeviceLogProblem } from "@wardline/api";
import { type DeviceLogStatus, type MlsEngine, MlsError } from "@wardline/mls/engine";
import type { Core } from "./core.ts";
import { GroupError } from "./group_error.ts";
import type { DeviceLogAlarm, Trust } from "./trust.ts";

const STATE = "device_log_state";
const PINS = "device_log_pins";
const REFUSED = "device_log_refused";
const QUEUE = "device-log";
/** What content has room for; em dashes count as three. */
const MOST_TOLD = 1000;
/** What one request may ask about. */
const MOST_CERTIFICATES = 256;
/** For finding out which of a few hundred certificates are not logged. */
const MOST_REQUESTS = 64;
/** Remembered as refused; further ones are waited for each time. */
const MOST_REFUSED = 1024;
/** A certificate is logged within a second or two of its registration. */
const WAITS_MILLISECONDS = [500, 1000, 2000, 3000] as const;

/** Kept on first use: a server that comes with others later is not believed. */
export interface Pins {
  readonly device_log_key: string;
  readonly device_ca: string;
}

export async function pinned(core: Core, said: Pins): Promise<{ pins: Pins; changed: boolean; state: Uint8Array | undefined }> {
  const known = await core.store.get<Pins>("facts", PINS);
  if (known === undefined) await core.store.write([{ table: "facts", key: PINS, value: said }]);
  const pins = known ?? said;
  const changed = pins.device_log_key !== said.device_log_key || pins.device_ca !== said.device_ca;
  return { pins, changed, state: await core.store.get<Uint8Array>("facts", STATE) };
}

export class DeviceLog {
  private readonly core: Core;
  private readonly engine: MlsEngine;
  private readonly trust: Trust;
  private readonly otherKey: boolean;
  private readonly waits: readonly number[];
  private readonly compared = new Set<string>();
  private readonly told = new Map<string, string>();
  private readonly reported = new Set<string>();
  private status: DeviceLogStatus | null = null;
  private refused: Set<string> | null = null;

  /** `engine`: the one that fetches no proofs itself. `otherKey`: the server's keys are not those that were pinned. */
  constructor(core: Core, engine: MlsEngine, trust: Trust, otherKey: boolean, waits: readonly number[] = WAITS_MILLISECONDS) {
    this.core = core;
    this.engine = engine;
    this.trust = trust;
    this.otherKey = otherKey;
    this.waits = waits;
  }

  /** The newest checkpoint, which must continue the one seen before; then what was logged in the own name since. */
  check(): Promise<void> {
    return this.guarded(async () => {
      if (this.otherKey) throw new MlsError("log-alarm", "other-key");
      await this.advance();
      await this.readOn();
      // That members were shown two logs has been proven, and does not end because one of the two goes on.
      if (this.trust.state.get().alarm !== "members-differ") await this.trust.raise(null);
    });
  }

  /**
   * Proves certificates, or rejects with a GroupError that says that they are not to be trusted. What the log did not have after all
   * waits is asked about again whenever it is met, but not waited for: a device in no log must not hold up everything that meets it.
   */
  async prove(certificates: readonly Uint8Array[]): Promise<void> {
    const refused = await this.refusedBefore();
    const waits = certificates.some((each) => refused.has(encodeBase64Url(each))) ? [] : this.waits;
    for (const wait of [...waits, null]) {
      if (await this.guarded(() => this.proveOnce(certificates))) return this.remember(certificates, []);
      if (wait === null) break;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    await this.remember(certificates, await this.guarded(() => this.missing(certificates, { left: MOST_REQUESTS })));
    throw new GroupError("untrusted-device");
  }

  /** What to put into the next message of a conversation, so that members can compare; undefined if they were told. */
  toTell(conversationId: string): string | undefined {
    const checkpoint = this.status?.checkpoint ?? "";
    if (checkpoint === "" || checkpoint.length > MOST_TOLD || this.told.get(conversationId) === checkpoint) return undefined;
    this.told.set(conversationId, checkpoint);
    return checkpoint;
  }

  /** A member of a conversation saw this checkpoint: if the log's key signed it, ours must continue it or be continued by it. */
  hear(checkpoint: string): void {
    if (this.compared.has(checkpoint) || checkpoint === this.status?.checkpoint) return;
    this.compared.add(checkpoint);
    void this.guarded(() => this.compare(checkpoint)).catch(() => this.compared.delete(checkpoint));
  }

  /** Tells the organisation, once for each matter and session. */
  report(problem: DeviceLogProblem, conversationId?: string): void {
    const matter = `${problem} ${conversationId ?? ""}`;
    if (this.reported.has(matter)) return;
    this.reported.add(matter);
    const about = conversationId === undefined ? {} : { conversation_id: conversationId };
    this.core.api.reportDeviceLog({ problem, ...about }).catch(() => this.reported.delete(matter));
  }

  private async advance(): Promise<void> {
    const { api } = this.core;
    const { checkpoint } = await api.deviceLogCheckpoint();
    const { size } = (this.status ??= await this.engine.deviceLog());
    const next = await this.engine.sizeOfCheckpoint(checkpoint);
    const consistency = size === 0 || next <= size ? [] : (await this.asked(api.deviceLogConsistency(size, next))).proof;
    await this.keep(await this.engine.learnCheckpoint({ checkpoint, consistency: consistency.map(decodeBase64Url) }));
  }

  /** An honest server can show that its log grew. One that will not is answered as one that cannot. */
  private async asked<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      if (isProblem(error) && !isTransient(error) && !isSessionLoss(error)) throw new MlsError("log-alarm", "forked");
      throw error;
    });
  }

  private async readOn(): Promise<void> {
    while (this.status?.unread) {
      const { first, last } = this.status.unread;
      const { entries, proof } = await this.asked(this.core.api.deviceLogEntries(first, last, this.status.size));
      const { own, status } = await this.engine.readDeviceLog({ entries, proof: proof.map(decodeBase64Url) });
      // The person's notice first: a crash in between reads the entries again rather than losing it.
      await this.trust.addDevices(own.map(({ deviceId, issuedAt }) => ({ device_id: deviceId, issued_at: issuedAt })));
      await this.keep(status);
    }
  }

  /** False where one of them is not logged yet. */
  private async proveOnce(certificates: readonly Uint8Array[]): Promise<boolean> {
    this.status ??= await this.engine.deviceLog();
    if (this.status.size === 0 && !(await this.advanceIfThere())) return false;
    if (await this.proveNow(certificates)) return true;
    return (await this.advanceIfThere()) && this.proveNow(certificates);
  }

  private async advanceIfThere(): Promise<boolean> {
    try {
      await this.advance();
      return true;
    } catch (error) {
      if (isProblem(error, "not-logged-yet")) return false;
      throw error;
    }
  }

  private async proveNow(certificates: readonly Uint8Array[]): Promise<boolean> {
    for (let at = 0; at < certificates.length; at += MOST_CERTIFICATES) {
      const some = certificates.slice(at, at + MOST_CERTIFICATES).map(encodeBase64Url);
      try {
        const { proofs } = await this.core.api.deviceLogInclusion(this.status!.size, some);
        const logged = proofs.map(({ certificate, index, proof }) => ({ certificate: decodeBase64Url(certificate), index, proof: proof.map(decodeBase64Url) }));
        await this.keep(await this.engine.proveLogged(logged));
      } catch (error) {
        if (isProblem(error) && !isTransient(error) && !isSessionLoss(error)) return false;
        throw error;
      }
    }
    return true;
  }

  /** The log proves all of a request or none: which of these it does not have. Those that it has are proven. */
  private async missing(certificates: readonly Uint8Array[], requests: { left: number }): Promise<readonly Uint8Array[]> {
    if (requests.left === 0 || this.status === null || this.status.size === 0) return certificates;
    requests.left -= 1;
    if (await this.proveNow(certificates)) return [];
    if (certificates.length === 1) return certificates;
    const half = certificates.length >> 1;
    return [...(await this.missing(certificates.slice(0, half), requests)), ...(await this.missing(certificates.slice(half), requests))];
  }

  private async refusedBefore(): Promise<Set<string>> {
    return (this.refused ??= new Set(await this.core.store.get<string[]>("facts", REFUSED)));
  }

  private async remember(asked: readonly Uint8Array[], missing: readonly Uint8Array[]): Promise<void> {
    const refused = await this.refusedBefore();
    const before = [...refused].join();
    asked.forEach((each) => refused.delete(encodeBase64Url(each)));
    missing.forEach((each) => refused.size < MOST_REFUSED && refused.add(encodeBase64Url(each)));
    const after = [...refused];
    if (after.join() !== before) await this.core.store.write([{ table: "facts", key: REFUSED, value: after }]);
  }

  private async compare(checkpoint: string): Promise<void> {
    const theirs = await this.engine.sizeOfCheckpoint(checkpoint).catch((error: unknown) => {
      if (error instanceof MlsError) return null; // Signed by nobody: it says nothing about the log.
      throw error;
    });
    if (theirs === null) return;
    this.status ??= await this.engine.deviceLog();
    // Whatever the server showed somebody before, it can show now.
    if (theirs > this.status.size) await this.advance();
    const { size } = this.status;
    if (theirs > size) throw new MlsError("log-alarm", "members-differ");
    const { proof } = theirs === 0 || theirs === size ? { proof: [] } : await this.asked(this.core.api.deviceLogConsistency(theirs, size));
    await this.engine.compareCheckpoint({ checkpoint, consistency: proof.map(decodeBase64Url) }).catch((error: unknown) => {
      throw error instanceof MlsError && error.rule === "forked" ? new MlsError("log-alarm", "members-differ") : error;
    });
  }

  private async keep(status: DeviceLogStatus): Promise<void> {
    this.status = status;
    await this.core.store.write([{ table: "facts", key: STATE, value: status.state }]);
  }

  /** One piece of work at a time; an alarm is raised, reported, and becomes a GroupError. */
  private guarded<T>(work: () => Promise<T>): Promise<T> {
    return this.core.queue.run(QUEUE, async () => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof MlsError) || error.code !== "log-alarm") throw error;
        const alarm = alarmOf(error);
        await this.trust.raise(alarm);
        this.report(alarm);
        throw new GroupError("log-alarm");
      }
    });
  }
}

const ALARMS: ReadonlySet<string> = new Set<DeviceLogAlarm>(["other-key", "bad-signature", "rolled-back", "forked", "not-included", "members-differ"]);

/** What is no checkpoint at all is signed by nobody. */
const alarmOf = (error: MlsError): DeviceLogAlarm => (ALARMS.has(error.rule ?? "") ? (error.rule as DeviceLogAlarm) : "bad-signature");
