/** One night on 4 West, as the inbox of Dr Keller sees it. All of it is made up. */
import type { OnCallRole, Person } from "@wardline/api";
import { AMARA, DoubleServer, EVERYBODY, JONAS, LINDQVIST, MARCUS, OKAFOR, PATIENTS, PRIYA, ROSA, SAMIR, SARA, TOMAS, WEI } from "@wardline/tests/double";
import { type Prepared, put } from "./pictures.ts";
import { deviceOf, type SayOptions, Stage } from "./puppet.ts";

const HOUR = 3_600_000_000;
const MINUTE = 60_000_000;

/** Seven in the morning, when the night ends: at least an hour from now. */
const morning = () => {
  const seven = new Date();
  seven.setHours(7, 0, 0, 0);
  return Math.max(seven.getTime() * 1000, Date.now() * 1000 + HOUR);
};

export function hospital(): DoubleServer {
  const now = Date.now() * 1000;
  const until_at = morning();
  const duty = (person: Person, role_id: string, name: string): Person => ({ ...person, on_call: [{ role_id, name, until_at }] });
  const people = EVERYBODY.map((person) => {
    if (person === SAMIR) return duty(person, "r-cardiology", "Cardiology");
    if (person === MARCUS) return duty(person, "r-nephrology", "Nephrology");
    return person === AMARA ? duty(person, "r-medicine", "General medicine") : person;
  });
  const server = new DoubleServer({ people, patients: PATIENTS });
  for (const known of [JONAS, WEI, SAMIR, SARA, PRIYA]) server.confirmed.add(`${AMARA.user_id} ${known.user_id}`);
  for (const other of [MARCUS, WEI]) server.outsideCare.add(other.user_id);
  for (const person of people) server.deviceLog.add(person.user_id, deviceOf(person), now);
  return server;
}

export function onCallRoles(server: DoubleServer): OnCallRole[] {
  const role = (role_id: string, name: string, now: Person | null, next: Person | null): OnCallRole => ({
    role_id,
    name,
    service: { id: `s-${name}`, name },
    now: now && server.personFor(AMARA.user_id, now.user_id),
    until_at: now ? (server.people.get(now.user_id)!.on_call[0]?.until_at ?? morning()) : 0,
    next: next && server.personFor(AMARA.user_id, next.user_id),
  });
  return [
    role("r-cardiology", "Cardiology", SAMIR, PRIYA),
    role("r-medicine", "General medicine", AMARA, null),
    role("r-nephrology", "Nephrology", MARCUS, null),
    role("r-pharmacy", "Pharmacy", TOMAS, null),
    role("r-surgery", "Surgery", null, null),
    role("r-lab", "Laboratory", WEI, null),
  ];
}

/** Whoever goes on talking once the night is told. */
export type Voices = Record<"jonas" | "wei", (text: string, options?: SayOptions) => number>;

/** Fills the inbox. `me` is the device that is being looked at. */
export function tellTheNight(server: DoubleServer, me: { userId: string; deviceId: string }, files: { ecg: Prepared; report: Prepared }): Voices {
  const stage = new Stage(server, me);
  const end = Date.now() * 1000;
  const at = (minutesAgo: number) => (server.now = () => end - minutesAgo * MINUTE);

  at(2900);
  const team = stage.open(SARA, [AMARA, JONAS, PRIYA, TOMAS], { title: "4 West night team" });
  const lines = ["Bed 9 is settled.", "Observations done on the bay side.", "Pharmacy closes at midnight, send requests early.", "Bed 7 asks for something to sleep.", "Thanks, on it.", "Potassium for bed 12 is back: 4.1."];
  const speakers = [SARA, JONAS, TOMAS, JONAS, AMARA, PRIYA];
  for (let index = 0; index < 162; index += 1) {
    at(2880 - index * 13);
    team.say(speakers[index % 6]!, lines[index % 6]!);
  }
  const last = server.rooms.get(team.id)!.log.length;
  for (const person of [AMARA, JONAS, PRIYA, TOMAS, SARA]) team.seen(person, { delivered: last, read: last });

  at(1500);
  const sara = stage.open(SARA, [AMARA]);
  sara.say(SARA, "Two agency nurses tonight, both have been on 4 West before.");
  at(1490);
  sara.say(AMARA, "Good. I will round with them at ten.");
  at(1440);
  const thanks = sara.say(SARA, "Thanks, handing over at 7");
  for (const person of [AMARA, SARA]) sara.seen(person, { delivered: thanks, read: thanks });

  at(300);
  const samir = stage.open(AMARA, [SAMIR]);
  const asked = samir.say(AMARA, "Are you in the house tonight? I may need an opinion on bed 12.");
  at(292);
  const yes = samir.say(SAMIR, "In the cath lab until three, then on the ward. Page me if it will not wait.");
  for (const person of [AMARA, SAMIR]) samir.seen(person, { delivered: yes, read: Math.max(asked, yes) });

  at(130);
  const lindqvist = stage.open(PRIYA, [AMARA, SAMIR], { title: "Echo before discharge", patient: LINDQVIST });
  const first = lindqvist.say(PRIYA, "Echo is booked for half past midnight.");
  lindqvist.seen(AMARA, { delivered: first, read: first });
  at(118);
  lindqvist.say(PRIYA, "Echo is up, EF 35 %.");
  at(117);
  lindqvist.say(PRIYA, "Mild mitral regurgitation, no effusion.");
  at(112);
  lindqvist.say(SAMIR, "Keep her in. I will look at the loops at three.");

  at(52);
  const okafor = stage.open(AMARA, [SAMIR, JONAS], { title: "SBAR: new atrial fibrillation", patient: OKAFOR });
  const strips = okafor.put(JONAS, { kind: "text", text: "Taken just now, four leads.", attachments: [put(server, okafor.id, files.ecg), put(server, okafor.id, files.report)] });
  for (const person of [AMARA, SAMIR, JONAS]) okafor.seen(person, { delivered: strips, read: strips });
  const sbar = okafor.say(AMARA, "S: new AF at 138, BP 104/62, no chest pain.\nB: 77 y, pneumonia day 2, no history of AF.\nA: likely driven by sepsis, potassium 4.1.\nR: rate control now; your view on anticoagulation?", { priority: "urgent", acknowledge: true });
  okafor.seen(JONAS, { delivered: sbar, read: sbar, acknowledged: sbar });
  okafor.seen(SAMIR, { delivered: sbar, read: sbar });
  okafor.seen(AMARA, { delivered: sbar, read: sbar });

  at(12);
  const jonas = stage.open(JONAS, [AMARA]);
  const settled = jonas.say(JONAS, "Bed 3 is back from CT.");
  jonas.seen(AMARA, { delivered: settled, read: settled });
  at(10);
  jonas.say(JONAS, "Can you confirm the heparin hold?", { priority: "urgent" });

  at(38);
  const rosa = stage.open(WEI, [AMARA, JONAS], { title: "Potassium 6.8", patient: ROSA });
  const haemolysed = rosa.say(WEI, "Sample of 01:50 was haemolysed, please send another.");
  at(34);
  const sent = rosa.say(AMARA, "Drawn again just now, by hand.");
  for (const person of [AMARA, JONAS, WEI]) rosa.seen(person, { delivered: sent, read: Math.max(haemolysed, sent) });
  at(4);
  rosa.say(WEI, "Potassium 6.8 mmol/L (3.5–5.1), not haemolysed, repeated. Collected 02:05, 4 West.", { priority: "critical", acknowledge: true });
  at(3);
  rosa.say(WEI, "Second sample confirms. Previous value yesterday was 5.0.");
  at(2);
  const seeing = rosa.say(AMARA, "Seeing her now. Jonas, 12-lead and calcium gluconate to the bedside please.");
  rosa.seen(WEI, { delivered: seeing, read: seeing });
  rosa.seen(JONAS, { delivered: seeing, read: seeing });
  server.now = () => Date.now() * 1000;
  return { jonas: (text, options) => jonas.say(JONAS, text, options), wei: (text, options) => rosa.say(WEI, text, options) };
}
