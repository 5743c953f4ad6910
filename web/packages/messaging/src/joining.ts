/** Ways into a conversation: by a Welcome, or by external commit on a new device and after the group was lost sight of. */
import { decodeBase64Url, encodeBase64Url, isProblem, isTransient, type Conversation, type Welcome } from "@wardline/api";
import { MlsError } from "@wardline/mls/engine";
import type { LeadingCore } from "./core.ts";
import { GroupError } from "./group_error.ts";
import { findPrivate, isLastResort, refillKeyPackages } from "./key_packages.ts";
import { type ConversationRecord, type MessageRecord, newConversationRecord } from "./records.ts";
import { uuidv7 } from "./uuid.ts";

/** Takes in every Welcome that waits for this device; returns the conversations that it now belongs to. */
export async function joinByWelcomes(core: LeadingCore): Promise<string[]> {
  const { welcomes } = await core.api.welcomes();
  const joined: string[] = [];
  for (const welcome of welcomes) {
    const outcome = await joinOne(core, welcome);
    if (outcome === "joined") joined.push(welcome.conversation_id);
    // It may be good yet: the log of devices can be late.
    if (outcome !== "untrusted") await core.api.deleteWelcome(welcome.welcome_id);
  }
  if (welcomes.length > 0) await refillKeyPackages(core);
  return joined;
}

function joinOne(core: LeadingCore, welcome: Welcome): Promise<"joined" | "passed-over" | "untrusted"> {
  const conversationId = welcome.conversation_id;
  return core.queue.run(conversationId, async () => {
    const known = await core.store.get<ConversationRecord>("conversations", conversationId);
    // An orphan or a second welcome is harmless.
    if (known?.membership === "joined" && known.applied >= welcome.sequence) return "passed-over";
    try {
      const joined = await core.engine.joinFromWelcome({
        welcome: decodeBase64Url(welcome.welcome),
        ...(welcome.ratchet_tree !== "" && { ratchetTree: decodeBase64Url(welcome.ratchet_tree) }),
        findPrivate: (reference) => findPrivate(core, reference),
      });
      if (joined.conversationId !== conversationId) throw new MlsError("invalid-message");
      const server = await core.api.conversation(conversationId);
      const keep = await isLastResort(core, joined.keyPackageReference);
      await core.store.write([
        { table: "mls", key: conversationId, value: joined.sealedState },
        { table: "conversations", key: conversationId, value: joinedRecord(known, server, welcome.sequence) },
        ...(keep ? [] : [{ table: "key_packages" as const, key: joined.keyPackageReference, remove: true as const }]),
      ]);
    } catch (error) {
      // A Welcome that does not open is no reason to stop: the external commit below is the other way in.
      if (error instanceof MlsError) return "passed-over";
      if (!(error instanceof GroupError) || error.code !== "untrusted-device") throw error;
      await distrust(core, known ?? newConversationRecord(await core.api.conversation(conversationId), "awaiting", 0));
      return "untrusted";
    }
    core.changed(`conversation:${conversationId}`, `thread:${conversationId}`);
    return "joined";
  });
}

async function distrust(core: LeadingCore, record: ConversationRecord): Promise<void> {
  const conversationId = record.server.conversation_id;
  await core.store.write([{ table: "conversations", key: conversationId, value: { ...record, untrusted: true } }]);
  core.changed(`conversation:${conversationId}`);
  core.deviceLog.report("unlogged-device", conversationId);
}

function joinedRecord(known: ConversationRecord | undefined, server: Conversation, sequence: number): ConversationRecord {
  const fresh = newConversationRecord(server, "joined", sequence);
  return known === undefined ? fresh : { ...fresh, title: known.title, last: known.last };
}

/** RFC 9420 §12.4.3.2. False when another commit was faster each time, or a device in it is not trusted; the next refresh tries again. */
export async function joinByExternalCommit(core: LeadingCore, server: Conversation): Promise<boolean> {
  try {
    return await joinAnew(core, server);
  } catch (error) {
    if (!(error instanceof GroupError) || error.code !== "untrusted-device") throw error;
    const { conversation_id: id } = server;
    await core.queue.run(id, async () => {
      await distrust(core, (await core.store.get<ConversationRecord>("conversations", id)) ?? newConversationRecord(server, "awaiting", 0));
    });
    return false;
  }
}

async function joinAnew(core: LeadingCore, server: Conversation): Promise<boolean> {
  const conversationId = server.conversation_id;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const info = await core.api.groupInfo(conversationId);
    const pending = await core.engine.joinByExternalCommit({
      conversationId,
      groupInfo: decodeBase64Url(info.group_info),
      ...(info.ratchet_tree !== "" && { ratchetTree: decodeBase64Url(info.ratchet_tree) }),
    });
    try {
      const { sequence } = await core.api.postCommit(conversationId, {
        idempotency_id: uuidv7(),
        epoch: info.epoch,
        commit: encodeBase64Url(pending.commit),
        group_info: encodeBase64Url(pending.groupInfo),
        user_ids_added: [],
        user_ids_removed: [],
      });
      await settleJoin(core, server, sequence);
      return true;
    } catch (error) {
      await core.engine.forget(conversationId);
      if (!isProblem(error) || isTransient(error) || error.status === 401) throw error;
      if (error.code !== "epoch-taken") return false;
    }
  }
  return false;
}

function settleJoin(core: LeadingCore, server: Conversation, sequence: number): Promise<void> {
  const conversationId = server.conversation_id;
  return core.queue.run(conversationId, async () => {
    const known = await core.store.get<ConversationRecord>("conversations", conversationId);
    const { sealedState } = await core.engine.mergePending(conversationId);
    const gap: MessageRecord = {
      sequence,
      id: uuidv7(),
      sender: null,
      body: { kind: "gap" },
      stored_at: core.now(),
      priority: "routine",
      needs_acknowledgement: false,
    };
    await core.store.write([
      { table: "mls", key: conversationId, value: sealedState },
      { table: "conversations", key: conversationId, value: joinedRecord(known, server, sequence) },
      ...(sequence > 1 ? [{ table: "messages" as const, key: [conversationId, sequence] as const, value: gap }] : []),
    ]);
    core.changed(`conversation:${conversationId}`, `thread:${conversationId}`);
  });
}

/** The group's state cannot follow any more: say so to the server, and stand outside until the external commit. */
export async function leaveBehind(core: LeadingCore, conversationId: string, sequence: number): Promise<void> {
  await core.queue.run(conversationId, async () => {
    const record = await core.store.get<ConversationRecord>("conversations", conversationId);
    if (record === undefined) return;
    await core.engine.forget(conversationId);
    await core.store.write([
      { table: "mls", key: conversationId, remove: true },
      { table: "conversations", key: conversationId, value: { ...record, membership: "awaiting", pending_commit: null } },
    ]);
    core.changed(`conversation:${conversationId}`);
  });
  await core.api.reportUnprocessable(conversationId, sequence);
}
