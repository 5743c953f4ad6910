/** How people and patients are called on screen. */
import type { Patient, Person } from "@wardline/api";
import { t } from "../text/index.ts";
import { age } from "./time.ts";

export function initials(name: string): string {
  const words = name.replace(/,.*$/, "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? words.at(-1)![0]! : "";
  return (first + last).toUpperCase();
}

export const firstName = (person: Person): string => person.name.split(/\s+/)[0] ?? person.name;

/** "Cardiologist · Heart centre": who this is, besides the name. */
export const roleLine = (person: Person): string => `${person.role_title} · ${person.service.name}`;
export const placeLine = (person: Person): string => `${person.role_title} · ${person.location.name}`;

export const isOnCall = (person: Person): boolean => person.on_call.length > 0;

/** As on a wristband: family name first. */
export const patientName = (patient: Patient): string => `${patient.family_name}, ${patient.given_name}`;
/** In a list that others may glance at: R. Alvarez. */
export const shortPatientName = (patient: Patient): string => `${patient.given_name.slice(0, 1)}. ${patient.family_name}`;
export const maskedMrn = (patient: Patient): string => `···${patient.mrn.slice(-4)}`;
export const ageAndSex = (patient: Patient, now: number): string => `${age(patient.birth_date, now)}, ${t.patient.sexes[patient.sex] ?? patient.sex}`;
export const bedLine = (patient: Patient): string => (patient.location.bed === "" ? patient.location.name : t.patient.bed(patient.location.name, patient.location.bed));
