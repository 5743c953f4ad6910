/** People who are only there to be written with: they speak the language of the stand-in engine straight to the double. */
import { encodeBase64Url, type Conversation, type Patient, type Person, type Priority } from "@wardline/api";
import { type Content, encodeContent, uuidv7 } from "@wardline/messaging";
import type { DoubleServer } from "@wardline/tests/double";

interface Seat {
  userId: string;
  deviceId: string;
}

const encode = (value: unknown) => encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));

export const deviceOf = (person: Person) => `${person.user_id.slice(0, -4)}dd${person.user_id.slice(-2)}`;

export class Stage {
  private readonly server: DoubleServer;
  private readonly me: Seat;

  constructor(server: DoubleServer, me: Seat) {
    this.server = server;
    this.me = me;
  }

  /** Everybody's device; my own second one is a phone. */
  seat(person: Person): Seat {
    const deviceId = deviceOf(person);
    if (!this.server.devices.has(deviceId)) {
      const name = person.user_id === this.me.userId ? "Safari on iPhone" : "Wardline";
      const at = this.server.now();
      this.server.devices.set(deviceId, { device_id: deviceId, user_id: person.user_id, name, created_at: at - 9e12, last_seen_at: at, certificate: "AAAA" });
      // Whoever begins a conversation with them finds a key package.
      if (person.user_id !== this.me.userId) this.server.lastResort.set(deviceId, encode({ userId: person.user_id, deviceId, reference: "" }));
    }
    return { userId: person.user_id, deviceId };
  }

  open(by: Person, others: readonly Person[], options: { title?: string; patient?: Patient } = {}): Room {
    const id = uuidv7();
    const people = [by, ...others];
    const seats = [...new Map([...people.map((person) => this.seat(person)), this.me].map((seat) => [seat.deviceId, seat])).values()];
    const reference = JSON.parse(atob(this.server.keyPackages.get(this.me.deviceId)!.shift()!.replaceAll("-", "+").replaceAll("_", "/"))) as { reference: string };
    const patient: Conversation["patient"] = options.patient ? { patient_id: options.patient.patient_id, matched_on: ["family_name", "birth_date"] } : null;
    const bundle = {
      conversation_id: id,
      kind: others.length > 1 ? ("group" as const) : ("direct" as const),
      user_ids: others.map((person) => person.user_id),
      group_info_0: "AAAA",
      commit: encode({ type: "commit", id, epoch: 0, sender: this.seat(by), nonce: uuidv7() }),
      welcome: encode({ id, epoch: 1, members: seats, references: [reference.reference] }),
      group_info: encode({ id, epoch: 1, members: seats }),
    };
    this.server.create(this.seat(by), bundle, patient);
    const room = new Room(this.server, this, id);
    if (options.title !== undefined) room.put(by, { kind: "title", text: options.title, title: options.title });
    return room;
  }
}

export interface SayOptions {
  priority?: Priority;
  acknowledge?: boolean;
}

export class Room {
  readonly id: string;
  private readonly server: DoubleServer;
  private readonly stage: Stage;

  constructor(server: DoubleServer, stage: Stage, id: string) {
    this.server = server;
    this.stage = stage;
    this.id = id;
  }

  say(by: Person, text: string, { priority = "routine", acknowledge = false }: SayOptions = {}): number {
    return this.put(by, { kind: "text", text }, priority, acknowledge);
  }

  put(by: Person, content: Pick<Content, "kind" | "text" | "title" | "attachments">, priority: Priority = "routine", needs_acknowledgement = false): number {
    const full: Content = { v: 1, sent_at: this.server.now(), ...content };
    const { epoch } = this.server.rooms.get(this.id)!.conversation;
    const frame = { type: "app", id: this.id, epoch, sender: this.stage.seat(by), nonce: uuidv7(), content: new TextDecoder().decode(encodeContent(full)) };
    return this.server.message(this.stage.seat(by), this.id, { idempotency_id: uuidv7(), epoch, message: encode(frame), priority, needs_acknowledgement }).sequence;
  }

  seen(by: Person, marks: { delivered?: number; read?: number; acknowledged?: number }): void {
    this.server.receipts(by.user_id, this.id, marks);
  }
}
