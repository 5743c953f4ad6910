/** A conversation that was begun and in which nothing has been said: whoever begins it again goes on in it (MSG-2). */
import type { Core } from "./core.ts";
import type { StartRequest } from "./groups.ts";
import type { ConversationRecord, OutboxRecord } from "./records.ts";

/** With the same people, about the same patient; null where there is none. */
export async function begunBefore({ store, me }: Pick<Core, "store" | "me">, { kind, userIds, patientId }: StartRequest): Promise<string | null> {
  const people = new Set([...userIds, me.userId]);
  for (const { value: record } of await store.list<ConversationRecord>("conversations")) {
    const { server } = record;
    const isTheSame = server.kind === kind && (server.patient?.patient_id ?? null) === (patientId ?? null);
    const areTheSame = server.members.length === people.size && server.members.every((member) => people.has(member.user_id));
    if (isTheSame && areTheSame && (await isUnused(store, record))) return server.conversation_id;
  }
  return null;
}

/** Begun by this browser, and nothing said in it, on its way there, or being written. */
async function isUnused(store: Core["store"], { server, membership, joined_after, title, last }: ConversationRecord): Promise<boolean> {
  // Whoever was let in joined after the commit that did.
  const begunHere = joined_after === 0 && membership === "joined" && server.state === "active";
  if (!begunHere || title !== null || last !== null) return false;
  if ((await store.get("drafts", server.conversation_id)) !== undefined) return false;
  const outgoing = await store.list<OutboxRecord>("outbox");
  return outgoing.every(({ value }) => value.conversation_id !== server.conversation_id);
}
