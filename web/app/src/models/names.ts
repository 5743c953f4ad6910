/** How people and patients are called on screen. */
import type { Patient, Person } from "@wardline/api";
import { t } from "../text/index.ts";
import { age } from "./time.ts";

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name or words in a line of other words: what runs from right to left moves nothing around it, and nothing reaches beyond its end (UAX #9). */
export function isolated(words: string): string {
  const plain = words.replace(DIRECTIONS, "");
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

export function initials(name: string): string {
  const words = name.replace(DIRECTIONS, "").replace(/,.*$/, "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? words.at(-1)![0]! : "";
  return (first + last).toUpperCase();
}

export const personName = (person: Person): string => isolated(person.name);

const line = (...parts: readonly string[]) => parts.map(isolated).join(" · ");
/** "Cardiologist · Heart centre": who this is, besides the name. */
export const roleLine = (person: Person): string => line(person.role_title, person.service.name);
export const placeLine = (person: Person): string => line(person.role_title, person.location.name);
/** Everything that tells people of one name apart. */
export const fullLine = (person: Person): string => line(person.role_title, person.service.name, person.location.name);

export const isOnCall = (person: Person): boolean => person.on_call.length > 0;

/** As on a wristband: family name first. */
export const patientName = (patient: Patient): string => isolated(`${patient.family_name}, ${patient.given_name}`);
/** In a list that others may glance at: R. Alvarez. */
export const shortPatientName = (patient: Patient): string => isolated(`${patient.given_name.slice(0, 1)}. ${patient.family_name}`);
export const maskedMrn = (patient: Patient): string => `···${patient.mrn.slice(-4)}`;
export const ageAndSex = (patient: Patient, now: number): string => `${age(patient.birth_date, now)}, ${t.patient.sexes[patient.sex] ?? patient.sex}`;
export const bedLine = (patient: Patient): string => (patient.location.bed === "" ? isolated(patient.location.name) : t.patient.bed(isolated(patient.location.name), patient.location.bed));
