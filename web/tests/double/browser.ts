/** One browser against the double: its session, its API, its socket, and switches to take the network away. */
import { encodeBase64Url, type LiveSocket, type OpenSocket, type OnCallRole, type SendQuestion, type ServerFrame, type Session, type SocketListener, type SocketState, Unreachable, type WardlineApi, type WebAuthnCreation } from "@wardline/api";
import { MOST_BYTES } from "./files.ts";
import { certificateHash } from "./device_log.ts";
import { type DoubleServer, type Line, problem } from "./server.ts";

const REQUEST = { challenge: "AAAA", rp_id: "localhost", credential_ids: [], timeout_ms: 60_000 };

export interface BrowserOptions {
  userId: string;
  onCall?: () => OnCallRole[];
  /** Starts with a session, as after a reload. */
  signedIn?: boolean;
  enrolled?: boolean;
}

export class DoubleBrowser {
  online = true;
  /** Called before each request; throw to refuse, wait to slow down. */
  before: (call: string, args: unknown[]) => void | Promise<void> = () => undefined;
  /** Called with each answer on its way back; wait to let other things overtake it. */
  after: (call: string) => unknown = () => undefined;
  readonly log: string[] = [];
  readonly api: WardlineApi;
  deviceId: string | null = null;
  private readonly server: DoubleServer;
  private readonly userId: string;
  private readonly options: BrowserOptions;
  private stage: "none" | "signed_in" | "device_bound" = "none";
  private socket: DoubleSocket | undefined;

  constructor(server: DoubleServer, options: BrowserOptions) {
    this.server = server;
    this.userId = options.userId;
    this.options = options;
    if (options.signedIn) this.stage = "signed_in";
    this.api = this.guarded(this.calls());
  }

  readonly openSocket: OpenSocket = (listener) => {
    this.socket = new DoubleSocket(this.server, this, listener, this.userId);
    return this.socket;
  };

  goOffline(): void {
    this.online = false;
    this.socket?.drop();
  }

  goOnline(): void {
    this.online = true;
    this.socket?.start();
  }

  endSession(): void {
    this.stage = "none";
  }

  private get by() {
    return { userId: this.userId, deviceId: this.deviceId ?? "" };
  }

  private session(): Session {
    if (this.stage === "none") throw problem("no-session", 401);
    const device = this.deviceId === null ? null : (this.server.devices.get(this.deviceId) ?? null);
    const user = this.server.personFor(this.userId, this.userId);
    return { session: { stage: this.stage, expires_at: this.server.now() + 12 * 3_600_000_000, idle_seconds: 900 }, user, device, permissions: [] };
  }

  private enter(): Session {
    this.stage = "signed_in";
    return this.session();
  }

  private bound() {
    if (this.stage !== "device_bound") throw problem("no-session", 401);
  }

  private guarded(calls: WardlineApi): WardlineApi {
    return new Proxy(calls, {
      get: (target, name: string) => async (...args: unknown[]) => {
        if (!this.online) throw new Unreachable();
        this.log.push(name);
        await this.before(name, args);
        // Wire types only: what JSON would not carry must not get through here either.
        const answer: unknown = await (target[name as keyof WardlineApi] as (...list: unknown[]) => unknown)(...args);
        await this.after(name);
        if (name === "filePart") return answer;
        return answer === undefined ? undefined : (JSON.parse(JSON.stringify(answer)) as unknown);
      },
    });
  }

  /** The conversation, if this person is in it. */
  private in(id: string): string {
    return this.server.room(id, this.userId).conversation.conversation_id;
  }

  private calls(): WardlineApi {
    const { server, userId: me } = this;
    const none = async () => undefined;
    const creation: WebAuthnCreation = { ...REQUEST, rp_name: "Wardline", user_handle: "AAAA", user_name: me, display_name: me, algorithms: [-7] };
    const totp = { secret_base32: "JBSWY3DPEHPK3PXPJBSWY3DP", otpauth_uri: "otpauth://totp/Wardline?secret=JBSWY3DPEHPK3PXPJBSWY3DP" };
    const calls: { [name in keyof WardlineApi]: (...args: never[]) => Promise<unknown> } = {
      signInPassword: async (_name: string, password: string) => {
        if (password !== "correct horse") throw problem("wrong-credentials", 401);
        return { sign_in_id: "s", next: this.options.enrolled === false ? "enrol_factor" : "second_factor", factors: ["webauthn", "totp"], webauthn: REQUEST };
      },
      signInWebAuthn: async () => this.enter(),
      signInTotp: async (_id: string, code: string) => {
        if (code !== "123456") throw problem("wrong-code", 401);
        return this.enter();
      },
      enrolBegin: async (_id: string, _code: string, factor: string) => (factor === "totp" ? totp : creation),
      enrolWebAuthn: async () => this.enter(),
      enrolTotp: async () => this.enter(),
      session: async () => this.session(),
      signOut: async () => this.endSession(),
      sessionChallenge: async () => ({ challenge: "AAAAAAAAAAAAAAAAAAAAAA" }),
      bindDevice: async ({ device_id }: { device_id: string }) => {
        const device = server.devices.get(device_id);
        if (device === undefined || device.revoked_at !== undefined) throw problem("wrong-proof", 401);
        this.deviceId = device_id;
        this.stage = "device_bound";
        return this.session();
      },
      factors: async () => ({ factors: [{ factor_id: "f1", kind: "webauthn", name: "Chrome on Windows", created_at: server.now() - 4e13, last_used_at: server.now() - 6e9 }, { factor_id: "f2", kind: "totp", name: "Authenticator app", created_at: server.now() - 3e13 }] }),
      addWebAuthnBegin: async () => creation,
      addWebAuthn: none,
      addTotpBegin: async () => totp,
      addTotp: none,
      removeFactor: none,
      enrolDevice: async ({ device_id, name }: { device_id: string; name: string }) => {
        if (server.devices.has(device_id)) throw problem("device-exists", 409);
        const device = { device_id, user_id: me, name, created_at: server.now(), last_seen_at: server.now(), certificate: "AAAA" };
        server.devices.set(device_id, device);
        server.deviceLog.add(me, device_id, server.now());
        server.shares.set(device_id, btoa(device_id.repeat(2).slice(0, 48)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
        this.deviceId = device_id;
        this.stage = "device_bound";
        return { device, certificate_chain: ["AAAA", "AAAA"], storage_share: server.shares.get(device_id)! };
      },
      devices: async () => ({ devices: [...server.devices.values()].filter((device) => device.user_id === me) }),
      revokeDevice: async (id: string) => void (server.devices.get(id)!.revoked_at = server.now()),
      storageShare: async () => ({ storage_share: server.shares.get(this.deviceId!)! }),
      putKeyPackages: async ({ key_packages, last_resort }: { key_packages: string[]; last_resort?: string }) => {
        const kept = server.keyPackages.get(this.deviceId!) ?? [];
        server.keyPackages.set(this.deviceId!, [...kept, ...key_packages]);
        if (last_resort !== undefined) server.lastResort.set(this.deviceId!, last_resort);
        return { available: kept.length + key_packages.length };
      },
      keyPackages: async () => ({ available: server.keyPackages.get(this.deviceId!)?.length ?? 0, has_last_resort: server.lastResort.has(this.deviceId!) }),
      claimKeyPackages: async (_id: string, userIds: string[]) => {
        const devices = userIds.flatMap((id) => server.devicesOf(id)).filter((device) => device.device_id !== this.deviceId);
        const claimed = devices.flatMap(({ user_id, device_id }) => {
          const key_package = server.keyPackages.get(device_id)?.shift() ?? server.lastResort.get(device_id);
          return key_package === undefined ? [] : [{ user_id, device_id, key_package }];
        });
        return { claimed, without_device: userIds.filter((id) => !claimed.some((item) => item.user_id === id)) };
      },
      deviceLogCheckpoint: async () => {
        if (server.deviceLog.entries.length === 0) throw problem("not-logged-yet", 503);
        return { checkpoint: server.deviceLog.checkpoint() };
      },
      deviceLogConsistency: async () => ({ proof: [] }),
      deviceLogInclusion: async (size: number, certificates: string[]) => ({
        proofs: certificates.map((certificate) => {
          const index = server.deviceLog.entries.findIndex((entry) => encodeBase64Url(certificateHash(entry.device)) === certificate);
          if (index < 0 || index >= size) throw problem("not-logged-yet", 409, { retry_after_seconds: 1 });
          return { certificate, index, proof: [] };
        }),
      }),
      deviceLogEntries: async (first: number, last: number) => ({ entries: server.deviceLog.entries.slice(first, last).map((entry) => JSON.stringify(entry)), proof: [] }),
      reportDeviceLog: async (report: Parameters<WardlineApi["reportDeviceLog"]>[0]) => void server.reports.push({ user_id: me, ...report }),
      searchDirectory: async ({ query = "", service_id, on_call }: { query?: string; service_id?: string; on_call?: true }) => {
        const words = query.toLowerCase().split(/\s+/);
        const people = [...server.people.keys()].map((id) => server.personFor(me, id)).filter((person) => {
          const text = `${person.name} ${person.role_title} ${person.service.name} ${person.location.name}`.toLowerCase();
          return person.user_id !== me && words.every((word) => text.includes(word)) && (!service_id || person.service.id === service_id) && (!on_call || person.on_call.length > 0);
        });
        return { people };
      },
      person: async (id: string) => server.personFor(me, id),
      services: async () => ({ services: unique([...server.people.values()].map((person) => person.service)) }),
      locations: async () => ({ locations: unique([...server.people.values()].map((person) => person.location)) }),
      onCall: async () => ({ roles: this.options.onCall?.() ?? [] }),
      confirmContact: async (id: string) => void server.confirmed.add(`${me} ${id}`),
      similarPeople: async (ids: string[]) => ({ similar: ids.map((id) => ({ user_id: id, look_alikes: server.similarTo(id) })) }),
      matchPatient: async (query: Record<string, string>) => {
        const found = [...server.patients.values()].filter((patient) => Object.entries(query).every(([name, value]) => String(patient[name as keyof typeof patient]).toLowerCase() === value.toLowerCase()));
        if (found.length > 1) throw problem("patient-ambiguous", 409, { candidates: found.length });
        if (found[0] === undefined) throw problem("patient-not-found", 404);
        return { patient: found[0], matched_on: Object.keys(query), match_id: found[0].patient_id };
      },
      patient: async (id: string) => server.patients.get(id),
      patients: async () => ({ patients: [...server.patients.values()].slice(0, 6) }),
      deliveryService: async () => ({ external_sender: "AAAA", device_ca: "AAAA", device_log_key: server.deviceLog.key, cipher_suite: 2, max_members: 500, max_message_bytes: 65536, files: { max_bytes: MOST_BYTES, part_bytes: 1 << 20 } }),
      sendDecision: async (question: SendQuestion) => server.decide(me, question),
      createConversation: async (bundle: Parameters<WardlineApi["createConversation"]>[0]) =>
        server.create(this.by, bundle, bundle.match_id === undefined ? null : { patient_id: bundle.match_id, matched_on: ["family_name", "birth_date"] }),
      conversations: async () => ({ conversations: [...server.rooms.values()].filter((room) => room.members.has(me)).map((room) => server.view(room, me)) }),
      conversation: async (id: string) => server.view(server.room(id, me), me),
      postMessage: async (id: string, message: Parameters<WardlineApi["postMessage"]>[1]) => server.message(this.by, id, message),
      postCommit: async (id: string, commit: Parameters<WardlineApi["postCommit"]>[1]) => server.commit(this.by, id, commit),
      groupInfo: async (id: string) => ({ epoch: server.room(id, me).conversation.epoch, group_info: server.room(id, me).groupInfo, ratchet_tree: "" }),
      log: async (id: string, after: number, limit: number) => {
        const { log } = server.room(id, me);
        return { entries: log.slice(after, after + limit), last_sequence: log.length };
      },
      postReceipts: async (id: string, marks: Parameters<WardlineApi["postReceipts"]>[1]) => server.receipts(me, id, marks),
      reportUnprocessable: none,
      beginFile: async (id: string, file: Parameters<WardlineApi["beginFile"]>[1]) => server.files.begin(this.in(id), file),
      putFilePart: async (id: string, file: string, part: Parameters<WardlineApi["putFilePart"]>[2]) => server.files.put(this.in(id), file, part.bytes, part.first),
      completeFile: async (id: string, file: string) => server.files.finish(this.in(id), file),
      cancelFile: async (id: string, file: string) => void server.files.all.delete(this.in(id) && file),
      filePart: async (id: string, file: string, part: Parameters<WardlineApi["filePart"]>[2]) => server.files.part(this.in(id), file, part.first, part.last),
      welcomes: async () => ({ welcomes: server.welcomes.get(this.deviceId!) ?? [] }),
      deleteWelcome: async (id: string) => {
        const waiting = server.welcomes.get(this.deviceId!) ?? [];
        server.welcomes.set(this.deviceId!, waiting.filter((welcome) => welcome.welcome_id !== id));
      },
    };
    const open = new Set(["signInPassword", "signInWebAuthn", "signInTotp", "enrolBegin", "enrolWebAuthn", "enrolTotp", "session", "signOut", "sessionChallenge", "bindDevice", "enrolDevice", "devices"]);
    for (const [name, call] of Object.entries(calls)) {
      if (open.has(name)) continue;
      calls[name as keyof WardlineApi] = async (...args: never[]) => {
        this.bound();
        return call(...args);
      };
    }
    return calls as unknown as WardlineApi;
  }
}

class DoubleSocket implements LiveSocket {
  state: SocketState = "closed";
  private readonly server: DoubleServer;
  private readonly browser: DoubleBrowser;
  private readonly listener: SocketListener;
  private readonly line: Line;

  constructor(server: DoubleServer, browser: DoubleBrowser, listener: SocketListener, userId: string) {
    this.server = server;
    this.browser = browser;
    this.listener = listener;
    const push: Line["push"] = (frame) => queueMicrotask(() => this.state === "closed" || this.listener.frame(structuredClone(this.forDevice(frame))));
    this.line = { userId, deviceId: browser.deviceId!, push };
  }

  start(): void {
    void this.connect();
  }

  send(): boolean {
    return this.state === "ready";
  }

  nudge(): void {}

  drop(): void {
    this.server.lines.delete(this.line);
    this.become("waiting");
  }

  stop(): void {
    this.server.lines.delete(this.line);
    this.state = "closed";
  }

  private async connect(): Promise<void> {
    if (!this.browser.online) return this.become("waiting");
    this.become("connecting");
    const cursors = await this.listener.cursors();
    if (!this.browser.online) return this.become("waiting");
    this.server.lines.add(this.line);
    this.become("open");
    for (const { conversation_id, after } of cursors) {
      for (const entry of this.server.rooms.get(conversation_id)?.log.slice(after) ?? []) this.line.push({ type: "entry", ...entry });
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.browser.online) this.become("ready");
  }

  /** As the server does: what this device sent comes back without its body. */
  private forDevice(frame: ServerFrame): ServerFrame {
    const own = frame.type === "entry" && frame.kind === "message" && frame.sender?.device_id === this.line.deviceId;
    return own ? { ...frame, body: "" } : frame;
  }

  private become(state: SocketState): void {
    this.state = state;
    this.listener.state(state);
  }
}

const unique = <T extends { id: string }>(items: T[]): T[] => [...new Map(items.map((item) => [item.id, item])).values()];
