/** Made-up people and patients; none of them exists. */
import type { Patient, Person, Role } from "@wardline/api";

const id = (kind: number, number: number) => `018f7a00-000${kind}-7000-8000-${number.toString(16).padStart(12, "0")}`;

export function person(number: number, name: string, role: Role, role_title: string, service: string, location: string, more: Partial<Person> = {}): Person {
  return {
    user_id: id(1, number),
    name,
    username: name.toLowerCase().replace(/[^a-z ]/g, "").trim().replaceAll(" ", "."),
    role,
    role_title,
    service: { id: `s-${service}`, name: service },
    location: { id: `l-${location}`, name: location },
    on_call: [],
    status: "active",
    has_device: true,
    contact: "new",
    ...more,
  };
}

export function patient(number: number, family_name: string, given_name: string, birth_date: string, sex: string, mrn: string, ward: string, bed: string, service: string, allergies: string[] = []): Patient {
  return {
    patient_id: id(2, number),
    family_name,
    given_name,
    birth_date,
    sex,
    mrn,
    location: { id: `l-${ward}`, name: ward, bed },
    service: { id: `s-${service}`, name: service },
    allergies,
  };
}

export const AMARA = person(1, "Amara Keller", "clinician", "Attending physician", "General medicine", "4 West");
export const JONAS = person(2, "Jonas Park", "nurse", "Registered nurse", "General medicine", "4 West");
export const WEI = person(3, "Wei Chen", "clinician", "Laboratory physician", "Laboratory", "Main lab");
export const SAMIR = person(4, "Samir Haddad", "clinician", "Cardiologist", "Cardiology", "Heart centre");
export const SARA = person(5, "Sara Weiss", "charge_nurse", "Charge nurse", "General medicine", "4 West");
export const PRIYA = person(6, "Priya Nair", "resident", "Resident", "Cardiology", "Heart centre");
export const ANNA_ONCOLOGY = person(7, "Anna Schmidt", "clinician", "Oncologist", "Oncology", "6 East");
export const ANNA_SURGERY = person(8, "Anna Schmidt", "clinician", "Surgeon", "Surgery", "Theatre 2");
export const TOMAS = person(9, "Tomás Rivera", "clinician", "Pharmacist", "Pharmacy", "Main pharmacy");
export const LENA = person(10, "Lena Vogel", "nurse", "Registered nurse", "Intensive care", "ICU", { has_device: false });
export const MARCUS = person(11, "Marcus Bell", "clinician", "Nephrologist", "Nephrology", "5 North");
export const EVERYBODY = [AMARA, JONAS, WEI, SAMIR, SARA, PRIYA, ANNA_ONCOLOGY, ANNA_SURGERY, TOMAS, LENA, MARCUS];

export const ROSA = patient(1, "Alvarez", "Rosa", "1955-03-14", "F", "10044417", "4 West", "3", "General medicine", ["Penicillin"]);
export const OKAFOR = patient(2, "Okafor", "Linus", "1948-11-02", "M", "10051288", "4 West", "12", "General medicine");
export const LINDQVIST = patient(3, "Lindqvist", "Maja", "1971-06-23", "F", "10038802", "4 West", "7", "Cardiology", ["Latex", "Sulfonamides"]);
export const PETROV = patient(4, "Petrov", "Ilya", "1983-01-30", "M", "10060913", "4 West", "9", "General medicine");
export const NGUYEN = patient(5, "Nguyen", "Thi Lan", "1962-09-08", "F", "10027746", "Heart centre", "2", "Cardiology", ["Iodine contrast"]);
export const PATIENTS = [ROSA, OKAFOR, LINDQVIST, PETROV, NGUYEN];
