/** Whether this device can trust what it is told about devices (ENC-8), as views read it: the same in every tab. */
import type { DeviceLogProblem } from "@wardline/api";
import type { SealedStore } from "@wardline/store";
import { Observable } from "./observable.ts";

/** The list of devices itself contradicts what was seen of it: nothing is sent anywhere until that ends. */
export type DeviceLogAlarm = Exclude<DeviceLogProblem, "unlogged-device">;

/** A device that was added in this person's name since this one watches. */
export interface AddedDevice {
  readonly device_id: string;
  /** Microseconds since 1970. */
  readonly issued_at: number;
  /** The person has said that it is theirs. */
  readonly mine: boolean;
}

export interface TrustState {
  readonly alarm: DeviceLogAlarm | null;
  readonly added: readonly AddedDevice[];
}

const KEY = "trust";
const CALM: TrustState = { alarm: null, added: [] };

export class Trust {
  readonly state = new Observable<TrustState>(CALM);
  private readonly store: SealedStore;
  private readonly changed: (topic: "trust") => void;

  constructor(store: SealedStore, changed: (topic: "trust") => void) {
    this.store = store;
    this.changed = changed;
  }

  /** Also after another tab wrote. */
  async load(): Promise<void> {
    const kept = await this.store.get<TrustState>("facts", KEY);
    if (JSON.stringify(kept ?? CALM) !== JSON.stringify(this.state.get())) this.state.set(kept ?? CALM);
  }

  async raise(alarm: DeviceLogAlarm | null): Promise<void> {
    if (this.state.get().alarm !== alarm) await this.write({ ...this.state.get(), alarm });
  }

  async addDevices(devices: readonly Omit<AddedDevice, "mine">[]): Promise<void> {
    const { added } = this.state.get();
    const fresh = devices.filter((device) => !added.some((known) => known.device_id === device.device_id));
    if (fresh.length > 0) await this.write({ ...this.state.get(), added: [...added, ...fresh.map((device) => ({ ...device, mine: false }))] });
  }

  async isMine(deviceId: string): Promise<void> {
    const added = this.state.get().added.map((device) => (device.device_id === deviceId ? { ...device, mine: true } : device));
    await this.write({ ...this.state.get(), added });
  }

  private async write(next: TrustState): Promise<void> {
    await this.store.write([{ table: "facts", key: KEY, value: next }]);
    this.state.set(next);
    this.changed("trust");
  }
}
