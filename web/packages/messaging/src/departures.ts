/**
 * A draft with files leaves as one message once the server has every byte of them, whatever is on screen by then. Until it leaves it
 * is a draft; where a file fails it stays one.
 */
import { type Drafts, EMPTY_DRAFT } from "./drafts.ts";
import { Observable } from "./observable.ts";
import type { SendRequest } from "./outbox.ts";
import type { Uploads } from "./uploads.ts";

/** `waiting`: for the files. `held-back`: one of them failed, or the message could not be written down; asking again tries again. */
export type Departure = "waiting" | "held-back";

export interface DeparturesParts {
  readonly drafts: Drafts;
  readonly uploads: Uploads;
  readonly send: (request: SendRequest) => Promise<string>;
}

export class Departures {
  readonly state = new Observable<ReadonlyMap<string, Departure>>(new Map());
  private readonly parts: DeparturesParts;
  private readonly going = new Set<string>();

  constructor(parts: DeparturesParts) {
    this.parts = parts;
    parts.uploads.views.subscribe(() => this.look());
  }

  /** Sends what stands in the draft of a conversation with its files, as soon as these are there. */
  ask(conversationId: string): void {
    this.put(conversationId, "waiting");
    this.look();
  }

  /** Whoever goes on writing has seen what held it back. */
  forget(conversationId: string): void {
    if (this.state.get().get(conversationId) === "held-back") this.put(conversationId, null);
  }

  private look(): void {
    for (const [conversationId, state] of this.state.get()) {
      if (state !== "waiting" || this.going.has(conversationId)) continue;
      const files = this.parts.uploads.views.get().get(conversationId) ?? [];
      // Without files it is a draft like any other, and leaves when somebody sends it.
      if (files.length === 0) this.put(conversationId, null);
      else if (files.some(({ stage }) => stage === "failed")) this.put(conversationId, "held-back");
      else if (files.every(({ stage }) => stage === "ready")) void this.go(conversationId);
    }
  }

  private async go(conversationId: string): Promise<void> {
    const { drafts, uploads, send } = this.parts;
    this.going.add(conversationId);
    try {
      const attachments = await uploads.complete(conversationId);
      if (this.state.get().get(conversationId) !== "waiting") return;
      // As it is now: somebody may have gone on writing meanwhile.
      const { text, priority, needsAcknowledgement, replyTo } = drafts.get(conversationId) ?? EMPTY_DRAFT;
      const content = { kind: "text" as const, text: text.trim(), ...(replyTo !== undefined && { reply_to: replyTo }), attachments };
      await send({ conversationId, content, priority, needsAcknowledgement });
      uploads.sent(conversationId);
      await drafts.clear(conversationId);
      this.put(conversationId, null);
    } catch {
      this.put(conversationId, "held-back");
    } finally {
      this.going.delete(conversationId);
    }
  }

  private put(conversationId: string, state: Departure | null): void {
    const next = new Map(this.state.get());
    if (state === null) next.delete(conversationId);
    else next.set(conversationId, state);
    this.state.set(next);
  }
}
