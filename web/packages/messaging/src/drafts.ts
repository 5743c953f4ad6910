/** What somebody has begun to write: sealed on disk half a second later, and at once when the page may go away. */
import type { Patient, PatientIdentifier, Priority } from "@wardline/api";
import type { SealedStore } from "@wardline/store";
import { Observable } from "./observable.ts";

export interface Draft {
  readonly text: string;
  readonly priority: Priority;
  readonly needsAcknowledgement: boolean;
  /** The idempotency id of the message that this answers. */
  readonly replyTo?: string;
}

/** A message that has no conversation yet. */
export interface NewDraft extends Draft {
  readonly userIds: readonly string[];
  readonly title: string;
  readonly patient: { readonly patient: Patient; readonly match_id: string; readonly matched_on: readonly PatientIdentifier[] } | null;
}

export const EMPTY_DRAFT: Draft = { text: "", priority: "routine", needsAcknowledgement: false };
export const EMPTY_NEW_DRAFT: NewDraft = { ...EMPTY_DRAFT, userIds: [], title: "", patient: null };
export const NEW_DRAFT_KEY = "new";

const DELAY_MILLISECONDS = 400;

export class Drafts {
  /** Where something is begun and on disk. */
  readonly begun = new Observable<readonly string[]>([]);
  private readonly store: SealedStore;
  private readonly waiting = new Map<string, Draft>();
  private readonly written = new Map<string, Draft>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: SealedStore) {
    this.store = store;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.store.list<Draft>("drafts")) this.written.set(key as string, value);
    this.tell();
  }

  get(key: string): Draft | undefined {
    return this.waiting.get(key) ?? this.written.get(key);
  }

  getNew(): NewDraft {
    return (this.get(NEW_DRAFT_KEY) as NewDraft | undefined) ?? EMPTY_NEW_DRAFT;
  }

  saveNew(draft: NewDraft): void {
    this.save(NEW_DRAFT_KEY, draft);
  }

  save(key: string, draft: Draft): void {
    this.waiting.set(key, draft);
    this.timer ??= setTimeout(() => void this.flush(), DELAY_MILLISECONDS);
  }

  /** Everything that waits, now: before a lock, a reload, the end of the session. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const changes = [...this.waiting];
    this.waiting.clear();
    for (const [key, draft] of changes) this.written.set(key, draft);
    const isEmpty = (draft: Draft) => draft.text === "" && draft.replyTo === undefined && !("userIds" in draft && !isEmptyNew(draft as NewDraft));
    for (const [key, draft] of changes) if (isEmpty(draft)) this.written.delete(key);
    await this.store.write(
      changes.map(([key, draft]) => (isEmpty(draft) ? { table: "drafts", key, remove: true } : { table: "drafts", key, value: draft })),
    );
    this.tell();
  }

  async clear(key: string): Promise<void> {
    this.waiting.delete(key);
    this.written.delete(key);
    await this.store.write([{ table: "drafts", key, remove: true }]);
    this.tell();
  }

  private tell(): void {
    const keys = [...this.written.keys()].sort();
    if (keys.join() !== this.begun.get().join()) this.begun.set(keys);
  }
}

const isEmptyNew = (draft: NewDraft) => draft.userIds.length === 0 && draft.title === "" && draft.patient === null;
