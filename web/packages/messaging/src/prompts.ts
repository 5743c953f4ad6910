/**
 * The few questions before a first message, each about one person or one fact (CH-10, SAF-4, IAM-6). Views put them into words;
 * what is asked, and when, is decided here.
 */
import type { Confirmed, Obligation, Person, SendDecision, StatedReason } from "@wardline/api";

export type SendPrompt =
  /** Somebody else has nearly the same name: how this one differs from them. */
  | { readonly kind: "look_alike"; readonly person: Person; readonly others: readonly Person[]; readonly sameName: boolean; readonly differsBy: "service" | "role" | "location" | "username" }
  | { readonly kind: "first_contact"; readonly person: Person }
  | { readonly kind: "cross_service"; readonly person: Person | null; readonly text: string }
  /** Each thing that wants a reason, with the people whom it is about. */
  | { readonly kind: "reason"; readonly asked: readonly { readonly text: string; readonly people: readonly Person[] }[] };

export interface Similar {
  readonly user_id: string;
  readonly look_alikes: readonly Person[];
}

export function reviewRecipients(recipients: readonly Person[], similar: readonly Similar[], { obligations }: SendDecision): SendPrompt[] {
  const lookAlikes = new Map(similar.map((item) => [item.user_id, item.look_alikes]));
  const toConfirm = new Set(obligations.filter((item) => item.kind === "confirm_contact").map((item) => item.user_id));
  const prompts: SendPrompt[] = [];
  for (const person of recipients) {
    const isNew = person.contact === "new" || toConfirm.has(person.user_id);
    const others = (lookAlikes.get(person.user_id) ?? []).filter((other) => other.user_id !== person.user_id);
    // Whoever is confirmed already is known to the sender; a namesake who is new is exactly where slips happen.
    if (isNew && others.length > 0) prompts.push(lookAlike(person, others));
    else if (isNew) prompts.push({ kind: "first_contact", person });
  }
  for (const obligation of obligations) {
    if (obligation.kind === "confirm_cross_service") prompts.push({ kind: "cross_service", person: whom(obligation, recipients), text: inPlainWords(obligation.text) });
  }
  const asked = reasonsAsked(obligations, recipients);
  if (asked.length > 0) prompts.push({ kind: "reason", asked });
  return prompts;
}

/** What goes with the call that brings these people in, once somebody has said yes to all of it. */
export function answersTo(prompts: readonly SendPrompt[], reason: StatedReason | null): Confirmed {
  const crossService = prompts.flatMap((prompt) => (prompt.kind === "cross_service" && prompt.person !== null ? [prompt.person.user_id] : []));
  const explained = prompts.flatMap((prompt) => (prompt.kind === "reason" ? prompt.asked.flatMap(({ people }) => people.map((person) => person.user_id)) : []));
  return {
    ...(crossService.length > 0 && { cross_service: [...new Set(crossService)] }),
    ...(reason !== null && explained.length > 0 && { reason: { word: reason, user_ids: [...new Set(explained)] } }),
  };
}

function lookAlike(person: Person, others: readonly Person[]): SendPrompt {
  const sameName = others.some((other) => plainName(other.name) === plainName(person.name));
  return { kind: "look_alike", person, others, sameName, differsBy: difference(person, others) };
}

/** The first fact that sets this person apart from everybody whose name looks alike. */
function difference(person: Person, others: readonly Person[]): "service" | "role" | "location" | "username" {
  if (others.every((other) => other.service.id !== person.service.id)) return "service";
  if (others.every((other) => other.role_title !== person.role_title)) return "role";
  if (others.every((other) => other.location.id !== person.location.id)) return "location";
  return "username";
}

/** One answer is asked for, however many rules ask and about however many people. */
function reasonsAsked(obligations: readonly Obligation[], recipients: readonly Person[]): { text: string; people: Person[] }[] {
  const asked = new Map<string, Person[]>();
  for (const obligation of obligations) {
    if (obligation.kind !== "reason") continue;
    const text = inPlainWords(obligation.text);
    const person = whom(obligation, recipients);
    asked.set(text, [...(asked.get(text) ?? []), ...(person === null ? [] : [person])]);
  }
  return [...asked].map(([text, people]) => ({ text, people }));
}

const whom = ({ user_id }: Obligation, recipients: readonly Person[]): Person | null => recipients.find((recipient) => recipient.user_id === user_id) ?? null;

/** The ids of requirements are for whoever reads the policy. */
const inPlainWords = (text: string): string => text.replace(/ ?\([A-Z]+-\d+(, [A-Z]+-\d+)*\)/g, "");

/** Names as an eye in a hurry reads them: no case, no accents, no titles. */
export function plainName(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\b(dr|prof|md|rn|do|phd|np|pa)\b\.?/g, "")
    .replace(/[^\p{L} ]/gu, "")
    .replace(/\s+/g, " ")
    .trim();
}
