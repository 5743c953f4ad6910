/** Applies entries of a conversation's log: in order, each exactly once, the result and the MLS state in one write. */
import { decodeBase64Url, type Entry } from "@wardline/api";
import { MlsError, type MemberDevice, type ProcessedEntry } from "@wardline/mls/engine";
import type { Change } from "@wardline/store";
import { decodeContent } from "./content.ts";
import type { LeadingCore } from "./core.ts";
import { GroupError } from "./group_error.ts";
import { comings, devicesAfter } from "./membership.ts";
import { type ConversationRecord, headline, type LostCommit, type MessageBody, type MessageRecord, type OutboxRecord, withAttention } from "./records.ts";

export interface Applied {
  readonly record: ConversationRecord | undefined;
  /** Entries are missing before the next one: read the log from the cursor. */
  readonly gap: boolean;
  /** The group moved on in a way that this device cannot follow: report it and join anew. */
  readonly lost: number | null;
  /** Members changed: the server's view of the conversation is worth reading again. */
  readonly members: boolean;
  /** A commit of ours lost its epoch and is to be made again. */
  readonly lostCommit: LostCommit | null;
}

interface Batch {
  record: ConversationRecord;
  readonly messages: MessageRecord[];
  readonly sent: string[];
  state: Uint8Array | null;
  members: boolean;
  lostCommit: Applied["lostCommit"];
  /** Checkpoints of the device log that came with messages. */
  readonly heard: string[];
}

type Fate = "applied" | "lost" | "untrusted";

const nothing = (record: ConversationRecord | undefined): Applied => ({ record, gap: false, lost: null, members: false, lostCommit: null });

export function applyEntries(core: LeadingCore, conversationId: string, entries: readonly Entry[]): Promise<Applied> {
  return core.queue.run(conversationId, async () => {
    const record = await core.store.get<ConversationRecord>("conversations", conversationId);
    if (record?.membership !== "joined") return nothing(record);
    const batch: Batch = { record, messages: [], sent: [], state: null, members: false, lostCommit: null, heard: [] };
    let gap = false;
    let lost: number | null = null;
    for (const entry of entries) {
      if (entry.sequence <= batch.record.applied) continue;
      gap = entry.sequence > batch.record.applied + 1;
      if (gap) break;
      const fate = await applyOne(core, batch, entry);
      if (fate === "lost") lost = entry.sequence;
      if (fate === "untrusted") core.deviceLog.report("unlogged-device", conversationId);
      if ((fate === "untrusted") !== (batch.record.untrusted ?? false)) batch.record = { ...batch.record, untrusted: fate === "untrusted" };
      if (fate !== "applied") break;
    }
    if (batch.record === record) return { ...nothing(record), gap, lost };
    // That entries can be followed says nothing about who was there before them.
    if (record.untrusted && !batch.record.untrusted) batch.record = { ...batch.record, untrusted: !(await areMembersProven(core, conversationId)) };
    batch.record = withAttention(batch.record, batch.messages, core.me.userId);
    await commit(core, conversationId, batch);
    for (const checkpoint of batch.heard) core.deviceLog.hear(checkpoint);
    return { record: batch.record, gap, lost, members: batch.members, lostCommit: batch.lostCommit };
  });
}

/** Once after a conversation was opened: its state may be older than the device log, so that nobody looked at who was in it (ENC-8). */
export async function proveMembers(core: LeadingCore, conversationId: string): Promise<void> {
  await core.engine.proveMembers(conversationId).catch(async (error: unknown) => {
    if (!(error instanceof GroupError) || error.code !== "untrusted-device") throw error;
    await hold(core, conversationId);
  });
}

/** For a conversation that is held although all its entries are applied: by who was in it before. */
export async function lookAgain(core: LeadingCore, conversationId: string): Promise<void> {
  if (await areMembersProven(core, conversationId)) await putUntrusted(core, conversationId, false);
}

const areMembersProven = (core: LeadingCore, conversationId: string) => core.engine.proveMembers(conversationId).then(() => true, () => false);

/** Nothing is sent there any more, and the organisation is told. */
export async function hold(core: LeadingCore, conversationId: string): Promise<void> {
  core.deviceLog.report("unlogged-device", conversationId);
  await putUntrusted(core, conversationId, true);
}

async function putUntrusted(core: LeadingCore, conversationId: string, untrusted: boolean): Promise<void> {
  await core.queue.run(conversationId, async () => {
    const record = await core.store.get<ConversationRecord>("conversations", conversationId);
    if (record?.membership !== "joined" || (record.untrusted ?? false) === untrusted) return;
    await core.store.write([{ table: "conversations", key: conversationId, value: { ...record, untrusted } }]);
    core.changed(`conversation:${conversationId}`);
  });
}

async function commit(core: LeadingCore, conversationId: string, batch: Batch): Promise<void> {
  const changes: Change[] = [{ table: "conversations", key: conversationId, value: batch.record }];
  if (batch.state !== null) changes.push({ table: "mls", key: conversationId, value: batch.state });
  for (const message of batch.messages) changes.push({ table: "messages", key: [conversationId, message.sequence], value: message });
  for (const id of batch.sent) changes.push({ table: "outbox", key: id, remove: true });
  try {
    await core.store.write(changes);
  } catch (error) {
    await reopen(core, conversationId);
    throw error;
  }
  core.changed(`conversation:${conversationId}`, `thread:${conversationId}`, `outbox:${conversationId}`);
}

/** Memory must not be ahead of the disk. */
export async function reopen(core: LeadingCore, conversationId: string): Promise<void> {
  await core.engine.forget(conversationId);
  const state = await core.store.get<Uint8Array>("mls", conversationId);
  if (state !== undefined) await core.engine.open(conversationId, state);
}

/** "lost" when the group's state cannot follow; "untrusted" when it will not, for now. */
async function applyOne(core: LeadingCore, batch: Batch, entry: Entry): Promise<Fate> {
  if (entry.kind === "message" && entry.sender?.device_id === core.me.deviceId) {
    await applyOwn(core, batch, entry);
    return "applied";
  }
  try {
    const conversationId = entry.conversation_id;
    const before = entry.kind === "commit" ? (await core.engine.describe(conversationId)).members : [];
    const processed = await core.engine.processEntry({ conversationId, body: decodeBase64Url(entry.body) });
    absorb(batch, entry, processed, before);
    return "applied";
  } catch (error) {
    if (error instanceof GroupError && error.code === "untrusted-device") return "untrusted";
    return survive(batch, entry, error) ? "applied" : "lost";
  }
}

/** What this device sent it cannot decrypt (the ratchet has moved on): the words are those of the outbox. */
async function applyOwn(core: LeadingCore, batch: Batch, entry: Entry): Promise<void> {
  const outgoing = await core.store.get<OutboxRecord>("outbox", entry.idempotency_id);
  if (outgoing === undefined) return add(batch, entry, { kind: "unreadable", reason: "sent-elsewhere" });
  batch.sent.push(outgoing.id);
  add(batch, entry, { kind: "content", content: outgoing.content });
}

function absorb(batch: Batch, entry: Entry, processed: ProcessedEntry, before: readonly MemberDevice[]): void {
  if (processed.kind === "ignored") {
    if (entry.kind === "message") add(batch, entry, { kind: "unreadable", reason: "keys-gone" });
    else absorbEcho(batch, entry);
    return;
  }
  batch.state = processed.sealedState;
  if (processed.kind === "application") {
    add(batch, entry, contentOf(batch, entry, processed));
  } else if (processed.kind === "proposal") {
    advance(batch, entry);
    if (processed.needsCommit) batch.record = { ...batch.record, needs_commit: true };
  } else {
    absorbCommit(batch, entry, processed, before);
  }
}

function contentOf(batch: Batch, entry: Entry, processed: Extract<ProcessedEntry, { kind: "application" }>): MessageBody {
  // The envelope is the server's word, the leaf is the sender's signature: they must say the same (DESIGN §1).
  const { sender, content } = processed;
  if (sender.userId !== entry.sender?.user_id || sender.deviceId !== entry.sender.device_id) return { kind: "unreadable", reason: "invalid" };
  const decoded = decodeContent(content);
  if (!("ok" in decoded)) return { kind: "unreadable", reason: decoded.unreadable };
  const { device_log, ...said } = decoded.ok;
  if (device_log !== undefined) batch.heard.push(device_log);
  return { kind: "content", content: said };
}

/** What this device committed and merged already, its answer having been faster than the log. */
function absorbEcho(batch: Batch, entry: Entry): void {
  const settled = batch.record.settled ?? [];
  const mine = settled.find((commit) => commit.idempotency_id === entry.idempotency_id);
  if (mine === undefined) return advance(batch, entry);
  tell(batch, entry, mine);
  batch.members = true;
  batch.record = { ...batch.record, settled: settled.filter((commit) => commit !== mine) };
}

/** A line of who came and went, where somebody did. */
function tell(batch: Batch, entry: Entry, { added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] }): void {
  if (added.length > 0 || removed.length > 0) add(batch, entry, { kind: "membership", added, removed });
  else advance(batch, entry);
}

function absorbCommit(batch: Batch, entry: Entry, processed: Extract<ProcessedEntry, { kind: "commit" }>, before: readonly MemberDevice[]): void {
  tell(batch, entry, comings(before, devicesAfter(before, processed)));
  batch.members = true;
  if (processed.lost !== null) batch.lostCommit = { intent: processed.lost, record: batch.record.pending_commit };
  batch.record = {
    ...batch.record,
    needs_commit: false,
    pending_commit: processed.own || processed.lost !== null ? null : batch.record.pending_commit,
    membership: processed.removedSelf ? "removed" : batch.record.membership,
  };
}

function survive(batch: Batch, entry: Entry, error: unknown): boolean {
  const isAboutThisEntry = error instanceof MlsError || error instanceof RangeError;
  if (!isAboutThisEntry) throw error;
  const code = error instanceof MlsError ? error.code : "invalid-message";
  if (entry.kind === "commit" || code === "unknown-conversation" || code === "future-epoch" || code === "unreadable-state") return false;
  // One message that does not open must not hold up the ones behind it.
  if (entry.kind === "message") add(batch, entry, { kind: "unreadable", reason: code === "keys-gone" ? "keys-gone" : "invalid" });
  else advance(batch, entry);
  return true;
}

function advance(batch: Batch, entry: Entry): void {
  batch.record = { ...batch.record, applied: entry.sequence };
}

function add(batch: Batch, entry: Entry, body: MessageBody): void {
  const { sequence, sender, stored_at, priority, needs_acknowledgement } = entry;
  batch.messages.push({ sequence, id: entry.idempotency_id, sender, body, stored_at, priority, needs_acknowledgement });
  advance(batch, entry);
  if (body.kind === "membership") return;
  const content = body.kind === "content" ? body.content : null;
  if (content?.kind === "title") {
    batch.record = { ...batch.record, title: content.title ?? content.text };
    return;
  }
  batch.record = { ...batch.record, last: { sequence, user_id: sender?.user_id ?? null, text: content === null ? null : headline(content), stored_at } };
}
