/** The delivery service of docs/api.md in memory, for tests of the client: one log per conversation, one commit per epoch. */
import { ApiProblem, type Confirmed, type Conversation, type Device, type Entry, type NewCommit, type NewConversation, type NewMessage, type Patient, type Person, type ReceiptMarks, type SendDecision, type SendQuestion, type ServerFrame, type Welcome } from "@wardline/api";
import { uuidv7 } from "@wardline/messaging";
import { DoubleFiles } from "./files.ts";
import { DoubleDeviceLog } from "./device_log.ts";

export const problem = (code: string, status: number, facts: Record<string, unknown> = {}) =>
  new ApiProblem({ type: `urn:wardline:problem:${code}`, title: code, status, ...facts });

interface Room {
  conversation: Omit<Conversation, "mine" | "members">;
  members: Map<string, { joined: number; marks: ReceiptMarks }>;
  log: Entry[];
  answers: Map<string, number>;
  groupInfo: string;
  closing: boolean;
}

export interface Line {
  userId: string;
  deviceId: string;
  push(frame: ServerFrame): void;
}

export interface World {
  people: Person[];
  patients: Patient[];
}

export class DoubleServer {
  readonly people = new Map<string, Person>();
  readonly patients = new Map<string, Patient>();
  readonly devices = new Map<string, Device>();
  readonly keyPackages = new Map<string, string[]>();
  readonly lastResort = new Map<string, string>();
  readonly welcomes = new Map<string, Welcome[]>();
  readonly confirmed = new Set<string>();
  readonly lines = new Set<Line>();
  readonly shares = new Map<string, string>();
  readonly rooms = new Map<string, Room>();
  readonly files = new DoubleFiles();
  readonly deviceLog = new DoubleDeviceLog();
  /** On no patient's care team. */
  readonly outsideCare = new Set<string>();
  readonly reasons: { by: string; user_ids: string[]; reason: string }[] = [];
  readonly reports: { user_id: string; problem: string; conversation_id?: string }[] = [];
  /** Microseconds; the world's clock, which stories may set. */
  now: () => number = () => Date.now() * 1000;

  constructor(world: World) {
    for (const person of world.people) this.people.set(person.user_id, person);
    for (const patient of world.patients) this.patients.set(patient.patient_id, patient);
  }

  devicesOf(userId: string): Device[] {
    return [...this.devices.values()].filter((device) => device.user_id === userId && device.revoked_at === undefined);
  }

  personFor(viewer: string, id: string): Person {
    const person = this.people.get(id);
    if (person === undefined) throw problem("person-not-found", 404);
    const contact = id === viewer ? "self" : this.confirmed.has(`${viewer} ${id}`) ? "confirmed" : "new";
    return { ...person, contact, has_device: this.devicesOf(id).length > 0 || person.has_device };
  }

  /** Of the policy only what asks something: who is new, and why whoever is outside a patient's care is written to about them. */
  decide(by: string, { user_ids, patient_id }: Pick<SendQuestion, "user_ids" | "patient_id">): SendDecision {
    const contacts = user_ids.filter((id) => this.personFor(by, id).contact === "new").map((user_id) => ({ kind: "confirm_contact" as const, user_id, text: "" }));
    const outside = patient_id === undefined ? [] : user_ids.filter((id) => this.outsideCare.has(id));
    return { permit: true, obligations: [...contacts, ...outside.map((user_id) => ({ kind: "reason" as const, user_id, text: "This person is not on the patient's care team (MSG-8)." }))] };
  }

  /** The same when people come into a conversation. Stories and tests bring people together without confirming every contact. */
  private admit(by: string, user_ids: readonly string[], patient: Conversation["patient"], confirmed: Confirmed = {}): void {
    const asked = this.decide(by, { user_ids: [...user_ids], ...(patient !== null && { patient_id: patient.patient_id }) });
    const outside = asked.obligations.flatMap(({ kind, user_id }) => (kind === "reason" ? [user_id!] : []));
    const { word = "", user_ids: explained = [] } = confirmed.reason ?? {};
    const unexplained = outside.filter((id) => !explained.includes(id));
    if (unexplained.length > 0) throw problem("recipients-unconfirmed", 422, { reason: unexplained.length });
    if (outside.length > 0) this.reasons.push({ by, user_ids: outside, reason: word });
  }

  room(id: string, userId: string): Room {
    const room = this.rooms.get(id);
    if (room === undefined || !room.members.has(userId)) throw problem("conversation-not-found", 404);
    return room;
  }

  view(room: Room, userId: string): Conversation {
    const members = [...room.members].map(([user_id, { joined, marks }]) => ({
      user_id, joined_sequence: joined, devices: this.devicesOf(user_id).length, ...marks,
    }));
    return { ...room.conversation, last_sequence: room.log.length, members, mine: room.members.get(userId)!.marks };
  }

  create(by: { userId: string; deviceId: string }, bundle: NewConversation, patient: Conversation["patient"]): Conversation {
    const known = this.rooms.get(bundle.conversation_id);
    if (known !== undefined) return this.view(known, by.userId);
    this.admit(by.userId, bundle.user_ids, patient, bundle.confirmed);
    const marks = () => ({ delivered: 0, read: 0, acknowledged: 0 });
    const members = new Map([by.userId, ...bundle.user_ids].map((id) => [id, { joined: 1, marks: marks() }]));
    const { conversation_id, kind, group_info } = bundle;
    const conversation = { conversation_id, kind, created_at: this.now(), created_by: by.userId, epoch: 0, last_sequence: 0, patient, cipher_suite: 2, state: "active" as const };
    const room: Room = { conversation, members, log: [], answers: new Map(), groupInfo: group_info, closing: false };
    this.rooms.set(conversation_id, room);
    this.append(room, by, "commit", { idempotency_id: conversation_id, epoch: 0, body: bundle.commit });
    room.conversation.epoch = 1;
    this.deliverWelcome(room, by.deviceId, bundle.welcome, [by.userId, ...bundle.user_ids]);
    return this.view(room, by.userId);
  }

  message(by: { userId: string; deviceId: string }, id: string, message: NewMessage): { sequence: number; stored_at: number } {
    const room = this.room(id, by.userId);
    const known = room.answers.get(message.idempotency_id);
    if (known !== undefined) return { sequence: known, stored_at: room.log[known - 1]!.stored_at };
    if (room.closing) throw problem("epoch-closing", 409);
    if (message.epoch !== room.conversation.epoch) throw problem("stale-epoch", 409, { current_epoch: room.conversation.epoch, last_sequence: room.log.length });
    const entry = this.append(room, by, "message", { ...message, body: message.message });
    return { sequence: entry.sequence, stored_at: entry.stored_at };
  }

  commit(by: { userId: string; deviceId: string }, id: string, commit: NewCommit): { sequence: number; epoch: number } {
    const room = this.room(id, by.userId);
    const known = room.answers.get(commit.idempotency_id);
    if (known !== undefined) return { sequence: known, epoch: room.log[known - 1]!.epoch + 1 };
    if (commit.epoch !== room.conversation.epoch) throw problem("epoch-taken", 409, { current_epoch: room.conversation.epoch, last_sequence: room.log.length });
    this.admit(by.userId, commit.user_ids_added.filter((id) => !room.members.has(id)), room.conversation.patient, commit.confirmed);
    const sequence = room.log.length + 1;
    for (const user of commit.user_ids_added) room.members.set(user, { joined: sequence, marks: { delivered: sequence, read: sequence, acknowledged: sequence } });
    const entry = this.append(room, by, "commit", { idempotency_id: commit.idempotency_id, epoch: commit.epoch, body: commit.commit });
    for (const user of commit.user_ids_removed) room.members.delete(user);
    room.conversation.epoch += 1;
    room.groupInfo = commit.group_info;
    room.closing = false;
    if (commit.welcome !== undefined) this.deliverWelcome(room, by.deviceId, commit.welcome, commit.user_ids_added);
    return { sequence: entry.sequence, epoch: room.conversation.epoch };
  }

  /** The server as external sender: remove a device. */
  proposeRemoval(id: string, device: { userId: string; deviceId: string }): void {
    const room = this.rooms.get(id)!;
    const body = btoa(JSON.stringify({ type: "proposal", id, epoch: room.conversation.epoch, sender: null, nonce: uuidv7(), remove: [device] }));
    room.closing = true;
    this.append(room, null, "proposal", { idempotency_id: uuidv7(), epoch: room.conversation.epoch, body: body.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") });
  }

  receipts(userId: string, id: string, marks: Partial<ReceiptMarks>): void {
    const room = this.room(id, userId);
    const member = room.members.get(userId)!;
    const higher = (name: keyof ReceiptMarks) => Math.max(member.marks[name], marks[name] ?? 0);
    member.marks = { delivered: higher("delivered"), read: higher("read"), acknowledged: higher("acknowledged") };
    this.push(room, { type: "receipts", conversation_id: id, user_id: userId, ...member.marks });
  }

  similarTo(userId: string): Person[] {
    const plain = (person: Person) => person.name.toLowerCase().replace(/[^a-z]/g, "").slice(0, 10);
    const person = this.people.get(userId)!;
    return [...this.people.values()].filter((other) => other.user_id !== userId && plain(other) === plain(person));
  }

  private append(room: Room, by: { userId: string; deviceId: string } | null, kind: Entry["kind"], from: Partial<NewMessage> & { idempotency_id: string; epoch: number; body: string }): Entry {
    const entry: Entry = {
      conversation_id: room.conversation.conversation_id,
      sequence: room.log.length + 1,
      kind,
      sender: by && { user_id: by.userId, device_id: by.deviceId },
      epoch: from.epoch,
      body: from.body,
      stored_at: this.now(),
      priority: from.priority ?? "routine",
      needs_acknowledgement: from.needs_acknowledgement ?? false,
      idempotency_id: from.idempotency_id,
    };
    room.log.push(entry);
    room.answers.set(entry.idempotency_id, entry.sequence);
    this.push(room, { type: "entry", ...entry });
    return entry;
  }

  private deliverWelcome(room: Room, byDevice: string, welcome: string, userIds: readonly string[]): void {
    const { conversation_id } = room.conversation;
    const sequence = room.log.length;
    for (const device of userIds.flatMap((id) => this.devicesOf(id))) {
      if (device.device_id === byDevice) continue;
      const waiting = this.welcomes.get(device.device_id) ?? [];
      waiting.push({ welcome_id: uuidv7(), conversation_id, sequence, welcome, ratchet_tree: "" });
      this.welcomes.set(device.device_id, waiting);
      for (const line of this.lines) if (line.deviceId === device.device_id) line.push({ type: "welcome", conversation_id });
    }
  }

  private push(room: Room, frame: ServerFrame): void {
    for (const line of this.lines) if (room.members.has(line.userId)) line.push(frame);
  }
}
