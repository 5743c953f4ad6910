/** A device log without cryptography: a checkpoint is the list of its entries, signed by saying so. Tests make it lie. */
import { MlsError } from "@wardline/mls/engine";

interface Entry {
  readonly user: string;
  readonly device: string;
  readonly at: number;
}

export interface DoubleCheckpoint {
  readonly key: string;
  readonly entries: readonly Entry[];
}

/** 32 bytes that name a device's certificate. */
export const certificateHash = (deviceId: string): Uint8Array => new TextEncoder().encode(deviceId.replaceAll("-", ""));

export class DoubleDeviceLog {
  key = "log.example/devices+00000000+double";
  entries: Entry[] = [];
  /** Devices that are registered and never get into the log. */
  readonly ghosts = new Set<string>();

  add(user: string, device: string, at: number): void {
    if (!this.ghosts.has(device)) this.entries.push({ user, device, at });
  }

  checkpoint(): string {
    return JSON.stringify({ key: this.key, entries: this.entries } satisfies DoubleCheckpoint);
  }
}

/** The view of it that a device has. */
export class DoubleLogView {
  seen: DoubleCheckpoint;
  read = 0;
  readonly known: Set<string>;

  constructor(key: string, state?: Uint8Array) {
    const kept = state && (JSON.parse(new TextDecoder().decode(state)) as { seen: DoubleCheckpoint; read: number; known: string[] });
    if (kept && kept.seen.key !== key) throw new MlsError("log-alarm", "other-key");
    this.seen = kept?.seen ?? { key, entries: [] };
    this.read = kept?.read ?? 0;
    this.known = new Set(kept?.known);
  }

  status() {
    const size = this.seen.entries.length;
    return {
      size,
      checkpoint: size === 0 ? "" : JSON.stringify(this.seen),
      unread: this.read < size ? { first: this.read, last: size } : null,
      state: new TextEncoder().encode(JSON.stringify({ seen: this.seen, read: this.read, known: [...this.known] })),
    };
  }

  open(checkpoint: string): DoubleCheckpoint {
    const said = JSON.parse(checkpoint) as DoubleCheckpoint;
    if (said.key !== this.seen.key) throw new MlsError("log-alarm", "bad-signature");
    return said;
  }

  learn(checkpoint: string): void {
    const next = this.open(checkpoint);
    if (next.entries.length < this.seen.entries.length) throw new MlsError("log-alarm", "rolled-back");
    if (!begins(next.entries, this.seen.entries)) throw new MlsError("log-alarm", "forked");
    if (this.seen.entries.length === 0) this.read = next.entries.length;
    this.seen = next;
  }

  compare(checkpoint: string): void {
    if (!begins(this.seen.entries, this.open(checkpoint).entries)) throw new MlsError("log-alarm", "forked");
  }

  prove(certificate: Uint8Array, index: number): void {
    const entry = this.seen.entries[index];
    if (entry === undefined || hex(certificateHash(entry.device)) !== hex(certificate)) throw new MlsError("log-alarm", "not-included");
    this.known.add(entry.device);
  }
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const begins = (whole: readonly Entry[], start: readonly Entry[]) => start.every((entry, index) => JSON.stringify(entry) === JSON.stringify(whole[index]));
