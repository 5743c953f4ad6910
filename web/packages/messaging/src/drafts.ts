/** What somebody has begun to write: sealed on disk half a second later, at once when the page may go away, and the same in every tab. */
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
  readonly patient: AttachedPatient | null;
  /** To whom or about whom another message is to be, picked while this one is unfinished: the person decides between the two. */
  readonly instead?: Addressed;
}

/** To whom a message is, and about whom. */
export type Addressed = Pick<NewDraft, "userIds" | "patient">;

export interface AttachedPatient {
  readonly patient: Patient;
  readonly match_id: string;
  readonly matched_on: readonly PatientIdentifier[];
}

export const EMPTY_DRAFT: Draft = { text: "", priority: "routine", needsAcknowledgement: false };
export const EMPTY_NEW_DRAFT: NewDraft = { ...EMPTY_DRAFT, userIds: [], title: "", patient: null };
export const NEW_DRAFT_KEY = "new";

/**
 * The new message to these people, or about this patient. One that is half written gets neither other recipients nor another patient by
 * itself: it stays as it is, and what was wanted stands beside it (SAF-1, SAF-4).
 */
export function addressed({ instead: _, ...draft }: NewDraft, wanted: Partial<Addressed>, hasFiles: boolean): NewDraft {
  const anew = { ...EMPTY_NEW_DRAFT, ...wanted };
  const isBegun = draft.text.trim() !== "" || draft.title.trim() !== "" || hasFiles;
  if (!isBegun) return anew;
  if (wanted.userIds !== undefined && draft.userIds.length === 0) return { ...draft, userIds: wanted.userIds };
  const isToThem = wanted.userIds === undefined || sorted(wanted.userIds) === sorted(draft.userIds);
  const isAboutThem = wanted.patient === undefined || wanted.patient?.patient.patient_id === draft.patient?.patient.patient_id;
  return isToThem && isAboutThem ? draft : { ...draft, instead: { userIds: anew.userIds, patient: anew.patient } };
}

const sorted = (userIds: readonly string[]) => [...userIds].sort().join();

const DELAY_MILLISECONDS = 400;
/** After it could not be written: the disk may be full for a while. */
const AGAIN_MILLISECONDS = 5000;

export class Drafts {
  /** Where something is begun and on disk. */
  readonly begun = new Observable<readonly string[]>([]);
  /** How often each was written elsewhere than where it is shown, in another tab for one: whoever shows it shows it anew. */
  readonly rewritten = new Observable<ReadonlyMap<string, number>>(new Map());
  private readonly store: SealedStore;
  private readonly changed: (keys: readonly string[]) => void;
  private readonly waiting = new Map<string, Draft>();
  private readonly written = new Map<string, Draft>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  /** `changed`: tells the other tabs. */
  constructor(store: SealedStore, changed: (keys: readonly string[]) => void) {
    this.store = store;
    this.changed = changed;
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

  /** Addressed from elsewhere in this tab, as `addressed` has it. */
  addressNew(wanted: Partial<Addressed>, hasFiles: boolean): void {
    this.saveNew(addressed(this.getNew(), wanted, hasFiles));
    this.wasRewritten(NEW_DRAFT_KEY);
  }

  save(key: string, draft: Draft): void {
    this.waiting.set(key, draft);
    this.flushIn(DELAY_MILLISECONDS);
  }

  /** Another tab wrote these: as they are there. What waits here to be written is newer, and stays. */
  async reread(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const kept = await this.store.get<Draft>("drafts", key);
      if (kept === undefined) this.written.delete(key);
      else this.written.set(key, kept);
      this.wasRewritten(key);
    }
    this.tell();
  }

  /** Writes what waits, for the last time. */
  async close(): Promise<void> {
    this.closed = true;
    await this.flush();
  }

  /** Everything that waits, now: before a lock, a reload, the end of the session. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const changes = [...this.waiting];
    this.waiting.clear();
    for (const [key, draft] of changes) this.written.set(key, draft);
    if (changes.length === 0) return;
    for (const [key, draft] of changes) if (isEmpty(draft)) this.written.delete(key);
    try {
      await this.store.write(changes.map(([key, draft]) => (isEmpty(draft) ? { table: "drafts", key, remove: true } : { table: "drafts", key, value: draft })));
    } catch (error) {
      for (const [key, draft] of changes) if (!this.waiting.has(key)) this.waiting.set(key, draft);
      this.flushIn(AGAIN_MILLISECONDS);
      throw error;
    }
    this.tell();
    this.changed(changes.map(([key]) => key));
  }

  async clear(key: string): Promise<void> {
    this.waiting.delete(key);
    this.written.delete(key);
    await this.store.write([{ table: "drafts", key, remove: true }]);
    this.tell();
    this.changed([key]);
  }

  private flushIn(milliseconds: number): void {
    if (!this.closed) this.timer ??= setTimeout(() => void this.flush().catch(() => undefined), milliseconds);
  }

  private wasRewritten(key: string): void {
    this.rewritten.update((before) => new Map(before).set(key, (before.get(key) ?? 0) + 1));
  }

  private tell(): void {
    const keys = [...this.written.keys()].sort();
    if (keys.join() !== this.begun.get().join()) this.begun.set(keys);
  }
}

const isEmpty = (draft: Draft) => draft.text === "" && draft.replyTo === undefined && !("userIds" in draft && !isEmptyNew(draft as NewDraft));
const isEmptyNew = (draft: NewDraft) => draft.userIds.length === 0 && draft.title === "" && draft.patient === null;
