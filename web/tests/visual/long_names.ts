/** Names, titles, files and words that are longer than any place made for them, or that run from right to left. */
import { AMARA, type DoubleServer, JONAS, patient, person, SARA } from "@wardline/tests/double";
import { type Prepared, put } from "./pictures.ts";
import { deviceOf, Stage } from "./puppet.ts";

const HUBERT = person(21, "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff", "clinician", "Consultant in paediatric and adult congenital cardiothoracic surgery", "Congenital and structural heart disease service", "North-east wing, level 12, short-stay and day-case unit");
const DANA = person(22, "دانة الكندي", "clinician", "طبيبة قلب", "Cardiology", "4 West");
const MARIA = patient(21, "Albuquerque-Vasconcelos y Montenegro de la Vega", "Maria Guadalupe Concepción", "2025-01-09", "F", "100999887766", "Neonatal and paediatric intensive care unit", "North 14", "Congenital and structural heart disease service", ["Penicillin", "Cephalosporins", "Latex", "Iodine contrast", "Sulfonamides"]);

export function tellLongNames(server: DoubleServer, me: { userId: string; deviceId: string }, report: Prepared): void {
  server.patients.set(MARIA.patient_id, MARIA);
  for (const one of [HUBERT, DANA]) {
    server.people.set(one.user_id, one);
    server.deviceLog.add(one.user_id, deviceOf(one), server.now());
    server.confirmed.add(`${AMARA.user_id} ${one.user_id}`);
  }
  const stage = new Stage(server, me);
  const direct = stage.open(HUBERT, [AMARA]);
  direct.say(HUBERT, "Good evening.");
  stage.open(DANA, [AMARA, JONAS]).say(DANA, "120/80, مستقر.");
  const team = stage.open(HUBERT, [AMARA, JONAS, SARA], { title: "Wolfeschlegelsteinhausenbergerdorff multidisciplinary meeting about the operation of Friday", patient: MARIA });
  const named = { ...report, attachment: { ...report.attachment, name: "Discharge_summary_with_medication_list_and_follow_up_appointments_final_version_2.pdf" } };
  team.put(HUBERT, { kind: "text", text: "https://intranet.example/guidelines/anticoagulation/perioperative/bridging-with-low-molecular-weight-heparin-in-renal-impairment", attachments: [put(server, team.id, named)] }, "critical", true);
  team.say(AMARA, "Pseudopseudohypoparathyroidism-pneumonoultramicroscopicsilicovolcanoconiosis, as it says under anticoagulation.", { priority: "urgent", acknowledge: true });
}
