/** Everything that works while somebody is signed in on this device: put together here, taken apart on lock and sign-out. */
import { Backoff, decodeBase64Url, isTransient, type OpenSocket, type Session, type WardlineApi } from "@wardline/api";
import type { FileCipher } from "@wardline/mls";
import type { CreateMlsEngine, MlsEngine } from "@wardline/mls/engine";
import { trusting } from "@wardline/mls/trusting";
import { deriveStoreKey, type DeviceRecord, type Elect, type OpenTabChannel, SealedStore, Sealer, type TabChannel } from "@wardline/store";
import { hold } from "./apply.ts";
import { CommandRouter, type Commands } from "./commands.ts";
import type { Core, LeadingCore, Me, Topic } from "./core.ts";
import { Departures } from "./departures.ts";
import { DeviceLog, pinned } from "./device_log.ts";
import { Directory } from "./directory.ts";
import { Downloads } from "./downloads.ts";
import { Drafts } from "./drafts.ts";
import { GroupError } from "./group_error.ts";
import { Groups } from "./groups.ts";
import { Mailbox } from "./mailbox.ts";
import { Observable } from "./observable.ts";
import { enqueue, Outbox, type SendRequest } from "./outbox.ts";
import { Presence } from "./presence.ts";
import { KeyedQueue } from "./queue.ts";
import { acknowledge, Receipts } from "./receipts.ts";
import type { ConversationRecord } from "./records.ts";
import { type Freshness, Sync } from "./sync.ts";
import { Uploads } from "./uploads.ts";
import { Trust } from "./trust.ts";

export interface Connection {
  readonly freshness: Freshness;
  /** When everything here was last known to be the latest; null before the first time. Milliseconds since 1970. */
  readonly liveAt: number | null;
  /** This browser cannot open messages at all: waiting does not help. */
  readonly fault: boolean;
}

export interface WorkspaceParts {
  readonly api: WardlineApi;
  readonly openSocket: OpenSocket;
  readonly loadEngine: () => Promise<CreateMlsEngine>;
  readonly loadFileCipher: () => Promise<FileCipher>;
  readonly openTabChannel: OpenTabChannel;
  readonly elect: Elect;
  readonly onSessionEnded: (reason: string) => void;
  /** Milliseconds between tries to have a device proven; for tests. */
  readonly proofWaits?: readonly number[];
}

export class Workspace {
  readonly session: Session;
  readonly me: Me;
  readonly mailbox: Mailbox;
  readonly directory: Directory;
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  /** Drafts that leave as soon as their files are uploaded. */
  readonly departures: Departures;
  readonly commands: CommandRouter;
  readonly presence: Presence;
  /** Whether devices can be trusted, and which were added in this person's name. */
  readonly trust: Trust;
  readonly connection = new Observable<Connection>({ freshness: "connecting", liveAt: null, fault: false });
  /** Who is writing where, until when. */
  readonly typing = new Observable<ReadonlyMap<string, { userId: string; until: number }>>(new Map());
  /** Resolves once others can write to this device. */
  readonly reachable: Promise<void>;
  private becomeReachable!: () => void;
  private readonly parts: WorkspaceParts;
  private readonly core: Core;
  private readonly channel: TabChannel;
  private readonly ending = new AbortController();
  private leading: { engine: MlsEngine; deviceLog: DeviceLog; sync: Sync; outbox: Outbox; receipts: Receipts } | undefined;

  private constructor(parts: WorkspaceParts, session: Session, me: Me, store: SealedStore) {
    this.parts = parts;
    this.reachable = new Promise((resolve) => (this.becomeReachable = resolve));
    this.session = session;
    this.me = me;
    this.channel = parts.openTabChannel(`wardline-${me.userId}`);
    this.directory = new Directory(parts.api, store);
    this.drafts = new Drafts(store, (keys) => this.channel.post({ kind: "drafts", keys }));
    this.uploads = new Uploads(parts);
    this.downloads = new Downloads(parts.api, parts.loadFileCipher);
    this.departures = new Departures({ drafts: this.drafts, uploads: this.uploads, send: (request) => this.send(request) });
    this.mailbox = new Mailbox(store, this.directory);
    this.commands = new CommandRouter(this.channel);
    this.presence = new Presence(() => this.channel.post({ kind: "alive" }));
    this.core = {
      api: parts.api,
      store,
      me,
      queue: new KeyedQueue(),
      now: () => Date.now() * 1000,
      changed: (...topics: Topic[]) => {
        this.mailbox.changed(topics);
        this.channel.post({ kind: "changed", topics });
      },
    };
    this.trust = new Trust(store, (topic) => this.core.changed(topic));
  }

  static async open(parts: WorkspaceParts, session: Session, device: DeviceRecord, storageShare: string): Promise<Workspace> {
    const share = decodeBase64Url(storageShare);
    const store = await SealedStore.open(device.userId, await deriveStoreKey(device.localKey, share, "records"));
    const stateKey = await deriveStoreKey(device.localKey, share, "mls");
    share.fill(0);
    const workspace = new Workspace(parts, session, { userId: device.userId, deviceId: device.deviceId }, store);
    await workspace.drafts.load();
    await workspace.directory.load();
    workspace.directory.rememberPeople([session.user]);
    await workspace.mailbox.load();
    await workspace.trust.load();
    workspace.channel.listen((message) => workspace.hear(message));
    parts.elect(`wardline-${device.userId}`, workspace.ending.signal, () => {
      void workspace.leadUntilItWorks(device, new Sealer(stateKey));
    });
    void workspace.commands.run("status", null).catch(() => undefined);
    return workspace;
  }

  /** Writes the message down; it is safe when this resolves, and on its way. */
  async send(request: SendRequest): Promise<string> {
    const id = await enqueue(this.core, request);
    void this.commands.run("flushOutbox", null).catch(() => undefined);
    return id;
  }

  /** Writes the acknowledgement down; it is safe when this resolves, and on its way. It counts once the server has it (MSG-6). */
  async acknowledge(conversationId: string, sequence: number): Promise<void> {
    await acknowledge(this.core, conversationId, sequence);
    // Somebody waits for it: it does not wait for company, nor for the end of the session that may come next.
    void this.commands.run("flushReceipts", null).catch(() => undefined);
  }

  /** The network or the person is back. */
  nudge(): void {
    this.leading?.sync.nudge();
    this.uploads.nudge();
  }

  tellOthers(reason: string): void {
    this.channel.post({ kind: "session-ended", reason });
  }

  async close(): Promise<void> {
    this.uploads.close();
    this.downloads.close();
    await this.drafts.close().catch(() => undefined);
    this.leading?.sync.stop();
    this.leading?.outbox.stop();
    this.leading?.receipts.stop();
    await this.core.queue.idle();
    await this.leading?.engine.close();
    this.ending.abort();
    this.channel.close();
    this.core.store.close();
  }

  /** Leading needs the server once; until it answers this tab shows what it has and tries again. */
  private async leadUntilItWorks(device: DeviceRecord, sealer: Sealer): Promise<void> {
    const backoff = new Backoff({ firstMilliseconds: 1000, maximumMilliseconds: 15_000 });
    while (!this.ending.signal.aborted) {
      try {
        return await this.lead(device, sealer);
      } catch (error) {
        this.reportFreshness("offline");
        if (!isTransient(error)) return this.connection.update((connection) => ({ ...connection, fault: true }));
        await new Promise((resolve) => setTimeout(resolve, backoff.next()));
      }
    }
  }

  private async lead(device: DeviceRecord, sealer: Sealer): Promise<void> {
    const { api, loadEngine, openSocket } = this.parts;
    const [createEngine, service] = await Promise.all([loadEngine(), api.deliveryService()]);
    const { pins, changed, state } = await pinned(this.core, { device_log_key: service.device_log_key, device_ca: service.device_ca });
    const engine = await createEngine({
      identity: device,
      deliveryService: {
        externalSender: decodeBase64Url(service.external_sender),
        deviceCa: decodeBase64Url(pins.device_ca),
        deviceLogKey: pins.device_log_key,
        cipherSuite: service.cipher_suite,
      },
      ...(state && { deviceLogState: state }),
      sealer: {
        seal: (plaintext, context) => sealer.seal(plaintext, `mls ${context}`),
        open: (sealed, context) => sealer.open(sealed, `mls ${context}`),
      },
    });
    if (this.ending.signal.aborted) return engine.close();
    const deviceLog = new DeviceLog(this.core, engine, this.trust, changed, this.parts.proofWaits);
    const core: LeadingCore = { ...this.core, engine: trusting(engine, (certificates) => deviceLog.prove(certificates)), deviceLog };
    const sync = new Sync(core, {
      reachable: () => this.becomeReachable(),
      freshness: (freshness) => this.reportFreshness(freshness),
      typing: (conversationId, userId) => this.hearTyping(conversationId, userId),
      sessionEnded: (reason) => this.parts.onSessionEnded(reason),
    });
    const groups = new Groups(core, (id) => sync.catchUp(id));
    const outbox = new Outbox(core, {
      catchUp: (id) => sync.catchUp(id),
      commitWaiting: (id) => groups.commitWaiting(id),
      isHeld: (id) => this.isHeld(id),
      hold: (id) => hold(core, id),
    });
    const receipts = new Receipts(core);
    this.leading = { engine, deviceLog, sync, outbox, receipts };
    await sync.start({ groups, outbox, receipts }, openSocket);
    this.commands.lead(this.leaderCommands(sync, groups, outbox, receipts));
    // What was held back goes out as soon as nothing holds it.
    this.trust.state.subscribe(() => void (this.trust.state.get().alarm === null && outbox.flush().catch(() => undefined)));
  }

  /** Nobody is let into anything while the list of devices cannot be trusted. */
  private async calmly<T>(work: () => Promise<T>): Promise<T> {
    if (this.trust.state.get().alarm !== null) throw new GroupError("log-alarm");
    return work();
  }

  private async isHeld(conversationId: string): Promise<boolean> {
    if (this.trust.state.get().alarm !== null) return true;
    return (await this.core.store.get<ConversationRecord>("conversations", conversationId))?.untrusted ?? false;
  }

  private leaderCommands(sync: Sync, groups: Groups, outbox: Outbox, receipts: Receipts): Commands {
    return {
      flushOutbox: () => outbox.flush(),
      sendAgain: ({ id }) => outbox.again(id),
      discard: ({ id }) => outbox.discard(id),
      mark: ({ conversationId, marks }) => receipts.mark(conversationId, marks),
      flushReceipts: () => receipts.flush(),
      start: (request) => this.calmly(() => groups.start(request)),
      addMembers: ({ conversationId, userIds, confirmed }) => this.calmly(() => groups.add(conversationId, userIds, confirmed)),
      removeMember: ({ conversationId, userId }) => groups.remove(conversationId, userId),
      typing: async ({ conversationId }) => sync.typing(conversationId),
      deviceIsMine: ({ deviceId }) => this.trust.isMine(deviceId),
      checkDeviceLog: () => sync.refresh(),
      status: async () => this.channel.post({ kind: "status", value: this.connection.get() }),
    };
  }

  private reportFreshness(freshness: Freshness): void {
    const before = this.connection.get();
    // What was live until this moment is as of now.
    const liveAt = freshness === "live" || before.freshness === "live" ? Date.now() : before.liveAt;
    this.connection.set({ freshness, liveAt, fault: false });
    this.channel.post({ kind: "status", value: this.connection.get() });
  }

  private hearTyping(conversationId: string, userId: string): void {
    this.typing.update((typing) => new Map(typing).set(conversationId, { userId, until: Date.now() + 6000 }));
  }

  private hear(message: Parameters<Parameters<TabChannel["listen"]>[0]>[0]): void {
    if (message.kind === "changed") {
      this.mailbox.changed(message.topics);
      if (message.topics.includes("trust")) void this.trust.load().catch(() => undefined);
    }
    else if (message.kind === "status") this.connection.set(message.value as Connection);
    else if (message.kind === "drafts") void this.drafts.reread(message.keys).catch(() => undefined);
    else if (message.kind === "alive") this.presence.hear();
    else if (message.kind === "session-ended") this.parts.onSessionEnded(message.reason);
    else this.commands.receive(message);
  }
}
