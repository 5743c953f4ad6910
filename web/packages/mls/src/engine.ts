/**
 * What the client asks of MLS (RFC 9420), and all that it knows of it.
 *
 * The implementation is `lib/mls` compiled to WebAssembly; this file is the agreement between it and `messaging`.
 *
 * State. The engine keeps opened conversations in memory. Each call that changes a conversation returns `sealedState`: the
 * whole state, sealed by the host's `StateSealer`. The caller writes it in the same transaction as what the call produced (the
 * decrypted message, the outgoing ciphertext); if that write fails it calls `forget` and opens the last sealed state again, so
 * memory is never ahead of the disk. No call leaves a conversation changed when it rejects.
 *
 * Order. Calls on one conversation run one after the other in the order in which they were made; the engine queues them.
 *
 * Bytes. `message`, `commit`, `welcome`, `groupInfo`, `keyPackage` and `body` are complete encoded MLSMessages, as on the wire.
 * Ids are UUIDs in text form; the MLS group id is the 16 bytes of the conversation id.
 */

/** Seals and opens state at the border of the module. `context` is bound as associated data. */
export interface StateSealer {
  seal(plaintext: Uint8Array, context: string): Promise<Uint8Array>;
  open(sealed: Uint8Array, context: string): Promise<Uint8Array>;
}

/** This device: its key (ECDSA P-256, `extractable: false`) and its certificate chain, DER, leaf first. */
export interface DeviceIdentity {
  readonly userId: string;
  readonly deviceId: string;
  readonly signatureKey: CryptoKeyPair;
  readonly certificateChain: readonly Uint8Array[];
}

/** What `GET /v1/delivery-service` says. Credentials of members are checked against `deviceCa` and the log of `deviceLogKey`. */
export interface DeliveryServiceParameters {
  readonly externalSender: Uint8Array;
  readonly deviceCa: Uint8Array;
  readonly deviceLogKey: string;
  readonly cipherSuite: number;
}

/** What this device has seen of the log of device certificates (ENC-8). */
export interface DeviceLogStatus {
  readonly size: number;
  /** The signed note that says so; empty while nothing has been seen. */
  readonly checkpoint: string;
  /** Entries that `readDeviceLog` wants next. */
  readonly unread: { readonly first: number; readonly last: number } | null;
  /** To be kept, sealed by the caller, and given to the next engine as `deviceLogState`. */
  readonly state: Uint8Array;
}

/** That a certificate (named by its hash) is an entry of the log, as `POST /v1/device-log/inclusion` says. */
export interface LoggedCertificate {
  readonly certificate: Uint8Array;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
}

/** A device that was logged in the name of this device's person. `issuedAt`: microseconds since 1970. */
export interface OwnDevice {
  readonly deviceId: string;
  readonly issuedAt: number;
}

export interface EngineOptions {
  readonly identity: DeviceIdentity;
  readonly deliveryService: DeliveryServiceParameters;
  readonly sealer: StateSealer;
  /** What was kept of the device log; left out the first time. Its key must be `deviceLogKey`. */
  readonly deviceLogState?: Uint8Array;
  /** Microseconds since 1970, for lifetimes. The host's clock unless given. */
  readonly now?: () => number;
}

export type CreateMlsEngine = (options: EngineOptions) => Promise<MlsEngine>;

/** A device in a conversation, taken from the leaf's certificate (SAN `urn:uuid:` and CN), already checked. */
export interface MemberDevice {
  readonly userId: string;
  readonly deviceId: string;
}

export interface KeyPackageForUpload {
  /** KeyPackageRef (§5.2), base64url: the key under which the caller stores `sealedPrivate`. */
  readonly reference: string;
  readonly keyPackage: Uint8Array;
  readonly sealedPrivate: Uint8Array;
  /** Microseconds since 1970: the end of its lifetime. */
  readonly expiresAt: number;
}

/** A device that a conversation is to gain, with the key package that `POST /v1/key-packages/claim` gave. */
export interface NewMember extends MemberDevice {
  readonly keyPackage: Uint8Array;
}

/** A commit of ours that the server has not yet accepted. It is part of `sealedState`: it survives a reload. */
export interface PendingCommit {
  /** The epoch in which it was made: what `POST …/commits` takes as `epoch`. */
  readonly epoch: number;
  readonly commit: Uint8Array;
  /** Present when somebody is added. */
  readonly welcome?: Uint8Array;
  /** The GroupInfo of the epoch that the commit would begin, with external_pub and without the tree, which the server has. */
  readonly groupInfo: Uint8Array;
  readonly added: readonly MemberDevice[];
  readonly removed: readonly MemberDevice[];
  readonly sealedState: Uint8Array;
}

/** Epoch 0 with only this device, and the pending commit that adds everybody else: the bundle of `POST /v1/conversations`. */
export interface PendingConversation extends PendingCommit {
  readonly groupInfo0: Uint8Array;
}

export interface OpenedConversation {
  readonly conversationId: string;
  readonly epoch: number;
  readonly members: readonly MemberDevice[];
  /** A commit of ours that waits for the server's answer, after a reload. */
  readonly pending: Omit<PendingCommit, "sealedState"> | null;
}

export interface JoinedConversation extends OpenedConversation {
  /** Which key package the Welcome used; delete its private part unless it is the last-resort one. */
  readonly keyPackageReference: string;
  readonly sealedState: Uint8Array;
}

/** What the caller wanted with a commit that lost its race; `rebase` takes it. */
export interface CommitIntent {
  readonly add: readonly NewMember[];
  readonly remove: readonly MemberDevice[];
}

/** What came of one entry of the log. */
export type ProcessedEntry =
  /** An application message, decrypted, its sender taken from the authenticated leaf and never from the envelope. */
  | { readonly kind: "application"; readonly sender: MemberDevice; readonly epoch: number; readonly content: Uint8Array; readonly sealedState: Uint8Array }
  /**
   * A new epoch. `own`: it was our pending commit that came back, and it is merged now. `removedSelf`: this device is out and
   * the conversation can only be read from now on. `lost`: our own pending commit lost the epoch; give it to `rebase`.
   */
  | {
      readonly kind: "commit";
      /** null when the committer joined by external commit is the added device itself, or is not in the tree any more. */
      readonly sender: MemberDevice | null;
      readonly epoch: number;
      readonly own: boolean;
      readonly added: readonly MemberDevice[];
      readonly removed: readonly MemberDevice[];
      readonly removedSelf: boolean;
      readonly lost: CommitIntent | null;
      readonly sealedState: Uint8Array;
    }
  /** A proposal, kept until a commit. `needsCommit`: from the server, and waits for any member to commit it. */
  | { readonly kind: "proposal"; readonly needsCommit: boolean; readonly removes: readonly MemberDevice[]; readonly sealedState: Uint8Array }
  /** Nothing to do: sent by this very device, or of an epoch that was merged before. */
  | { readonly kind: "ignored"; readonly reason: "own-message" | "past-epoch" };

export interface MlsEngine {
  /** Makes `count` key packages, and with `lastResort` one more that carries the last_resort extension, at the end of the list. */
  keyPackages(request: { count: number; lastResort?: boolean }): Promise<readonly KeyPackageForUpload[]>;

  /** Begins a conversation whose GroupContext carries the server as external sender; `pending` until `mergePending`. */
  createConversation(request: { conversationId: string; members: readonly NewMember[] }): Promise<PendingConversation>;

  /**
   * Joins by Welcome. `findPrivate` looks up what `keyPackages` returned as `sealedPrivate`; it is asked for each reference in
   * the Welcome and answers null for the packages of other devices.
   */
  joinFromWelcome(request: {
    welcome: Uint8Array;
    ratchetTree?: Uint8Array;
    findPrivate: (reference: string) => Promise<Uint8Array | null>;
  }): Promise<JoinedConversation>;

  /** Joins a conversation of one's own from another device, by external commit against the server's GroupInfo (§12.4.3.2). */
  joinByExternalCommit(request: { conversationId: string; groupInfo: Uint8Array; ratchetTree?: Uint8Array }): Promise<PendingCommit>;

  /** Opens a conversation from what was last written. Opening it again replaces what is in memory. */
  open(conversationId: string, sealedState: Uint8Array): Promise<OpenedConversation>;

  /** Drops a conversation from memory and wipes it there. */
  forget(conversationId: string): Promise<void>;

  /** Epoch and members as of now. Rejects with `unknown-conversation` when it is not open. */
  describe(conversationId: string): Promise<OpenedConversation>;

  /** Applies the next entry of the log: decrypts a message, merges a commit, keeps a proposal. */
  processEntry(request: { conversationId: string; body: Uint8Array }): Promise<ProcessedEntry>;

  /**
   * That every device in the group is in the device log: to be asked once after `open`, for what is sealed may be older than the log.
   * Whoever comes later is looked at then. The calls that send ask it themselves.
   */
  proveMembers(conversationId: string): Promise<void>;

  /** Encrypts one content object in the current epoch, padded to its bucket. Rejects with `commit-needed` while a removal waits. */
  protect(request: { conversationId: string; content: Uint8Array }): Promise<{ message: Uint8Array; epoch: number; sealedState: Uint8Array }>;

  /** Each of these makes one pending commit, with every waiting proposal in it, and rejects with `commit-pending` if one waits. */
  commitAdd(request: { conversationId: string; members: readonly NewMember[] }): Promise<PendingCommit>;
  commitRemove(request: { conversationId: string; members: readonly MemberDevice[] }): Promise<PendingCommit>;
  /** Commits what the server proposed; with no proposal it renews this device's keys. */
  commitWaiting(conversationId: string): Promise<PendingCommit>;

  /** The server accepted: the pending commit becomes the current epoch. */
  mergePending(conversationId: string): Promise<{ epoch: number; members: readonly MemberDevice[]; sealedState: Uint8Array }>;
  /** The server refused for good: back to the epoch before, as if the commit had never been made. */
  dropPending(conversationId: string): Promise<{ sealedState: Uint8Array }>;
  /**
   * After `lost`: makes the commit again on the new epoch, without what the winner already did; null when nothing is left to do.
   * A key package that the winner used is not used again.
   */
  rebase(conversationId: string, intent: CommitIntent): Promise<PendingCommit | null>;

  // The log of device certificates. Each rejects with `log-alarm`, `rule` saying which, where what it is given contradicts what
  // was seen before; nothing has changed then.

  deviceLog(): Promise<DeviceLogStatus>;
  /** `consistency`: from `size` of the status to that of the checkpoint; empty where one is 0 or both are equal. */
  learnCheckpoint(request: { checkpoint: string; consistency: readonly Uint8Array[] }): Promise<DeviceLogStatus>;
  /** Certificates that a call rejected with `unlogged-device`; after it that call can be made again. */
  proveLogged(logged: readonly LoggedCertificate[]): Promise<DeviceLogStatus>;
  /** The entries of `unread`, with the proof that they are the log's. Gives the other devices in the own name. */
  readDeviceLog(request: { entries: readonly string[]; proof: readonly Uint8Array[] }): Promise<{ own: readonly OwnDevice[]; status: DeviceLogStatus }>;
  /** The size in somebody else's checkpoint, which the log's key has signed. */
  sizeOfCheckpoint(checkpoint: string): Promise<number>;
  /** That this device and whoever saw that checkpoint (not larger than one's own) were shown one log. */
  compareCheckpoint(request: { checkpoint: string; consistency: readonly Uint8Array[] }): Promise<void>;

  /** Wipes everything in memory. The engine takes no call after it. */
  close(): Promise<void>;
}

export type MlsErrorCode =
  /** The conversation is not open in this engine. */
  | "unknown-conversation"
  /** A message of an epoch that is not reached yet: earlier entries are missing. */
  | "future-epoch"
  /** A message whose keys are gone: too old, or seen before. */
  | "keys-gone"
  /** It does not verify or breaks a rule of RFC 9420. */
  | "invalid-message"
  /** A certificate is not by the device CA, has expired, or does not fit its leaf. */
  | "invalid-credential"
  /** No private key package fits the Welcome. */
  | "not-for-this-device"
  | "commit-pending"
  | "no-pending-commit"
  | "commit-needed"
  | "not-a-member"
  /** The sealed state does not open, or is of a version that this engine does not know. */
  | "unreadable-state"
  /** Devices whose certificates are not known to be in the device log: `unlogged` names them. Prove them, and call again. */
  | "unlogged-device"
  /** The device log contradicts what was seen of it. `rule`: "other-key", "bad-signature", "rolled-back", "forked", "not-included". */
  | "log-alarm"
  | "closed";

/** The only error that the engine rejects with on purpose. Its message carries no content, no keys, no names. */
export class MlsError extends Error {
  readonly code: MlsErrorCode;
  /** The rule that was broken, such as "RFC 9420 §12.4.2", where there is one. */
  readonly rule: string | undefined;
  /** Hashes of certificates, of `unlogged-device`. */
  readonly unlogged: readonly Uint8Array[];

  constructor(code: MlsErrorCode, rule?: string, unlogged: readonly Uint8Array[] = []) {
    super(rule === undefined ? code : `${code} (${rule})`);
    this.name = "MlsError";
    this.code = code;
    this.rule = rule;
    this.unlogged = unlogged;
  }
}
