/** People and patients that this session has met, kept sealed so that names are there when the network is not. */
import { isTransient, type Patient, type Person, type WardlineApi } from "@wardline/api";
import type { SealedStore } from "@wardline/store";
import { Observable } from "./observable.ts";

export interface Known {
  readonly people: ReadonlyMap<string, Person>;
  readonly patients: ReadonlyMap<string, Patient>;
}

const FRESH_MILLISECONDS = 5 * 60_000;

export class Directory {
  readonly known = new Observable<Known>({ people: new Map(), patients: new Map() });
  private readonly api: WardlineApi;
  private readonly store: SealedStore;
  private readonly asked = new Map<string, number>();

  constructor(api: WardlineApi, store: SealedStore) {
    this.api = api;
    this.store = store;
  }

  /** Everything that was kept, before the first view is drawn. */
  async load(): Promise<void> {
    const kept = await this.store.list<Person | Patient>("directory");
    const people = new Map<string, Person>();
    const patients = new Map<string, Patient>();
    for (const { value } of kept) {
      if ("user_id" in value) people.set(value.user_id, value);
      else patients.set(value.patient_id, value);
    }
    this.known.set({ people, patients });
  }

  /** Asks the server for those that are missing or old. Views call it freely; it asks once in a while. */
  needPeople(ids: Iterable<string>): void {
    this.need("person", ids, async (id) => this.rememberPeople([await this.api.person(id)]));
  }

  needPatients(ids: Iterable<string>): void {
    this.need("patient", ids, async (id) => this.rememberPatients([await this.api.patient(id)]));
  }

  /** What is known of these may have changed: ask again. */
  refreshPeople(ids: Iterable<string>): void {
    for (const id of ids) {
      this.asked.delete(`person:${id}`);
      this.needPeople([id]);
    }
  }

  rememberPeople(people: readonly Person[]): void {
    this.known.update((known) => ({ ...known, people: merged(known.people, people, (person) => person.user_id) }));
    this.keep(people.map((person) => ({ key: `person:${person.user_id}`, value: person })));
  }

  rememberPatients(patients: readonly Patient[]): void {
    this.known.update((known) => ({ ...known, patients: merged(known.patients, patients, (patient) => patient.patient_id) }));
    this.keep(patients.map((patient) => ({ key: `patient:${patient.patient_id}`, value: patient })));
  }

  private need(kind: string, ids: Iterable<string>, fetchOne: (id: string) => Promise<void>): void {
    const now = Date.now();
    for (const id of ids) {
      const key = `${kind}:${id}`;
      if (now - (this.asked.get(key) ?? 0) < FRESH_MILLISECONDS) continue;
      this.asked.set(key, now);
      // A refusal stands for a while; a lost network does not.
      fetchOne(id).catch((error: unknown) => isTransient(error) && this.asked.delete(key));
    }
  }

  /** Losing this cache costs a request later, nothing else. */
  private keep(entries: readonly { key: string; value: unknown }[]): void {
    this.store.write(entries.map(({ key, value }) => ({ table: "directory" as const, key, value }))).catch(() => undefined);
  }
}

function merged<T>(before: ReadonlyMap<string, T>, more: readonly T[], key: (item: T) => string): Map<string, T> {
  const next = new Map(before);
  for (const item of more) next.set(key(item), item);
  return next;
}
