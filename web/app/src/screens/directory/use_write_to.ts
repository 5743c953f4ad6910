/** "Message this person": the conversation that exists, or a new message addressed to them. */
import { useNavigate } from "@tanstack/react-router";
import type { Patient, PatientIdentifier, Person } from "@wardline/api";
import type { Inbox } from "@wardline/messaging";
import { useInbox, useWorkspace } from "../../context.tsx";

export function directConversation(inbox: Inbox, userId: string): string | null {
  const found = [...inbox.conversations.values()].filter(
    ({ server, membership }) =>
      server.kind === "direct" && server.patient === null && server.state === "active" && membership === "joined" && server.members.some((member) => member.user_id === userId),
  );
  return found.sort((left, right) => (right.last?.stored_at ?? 0) - (left.last?.stored_at ?? 0))[0]?.server.conversation_id ?? null;
}

export function useWriteTo(): (person: Person) => void {
  const navigate = useNavigate();
  const inbox = useInbox();
  const workspace = useWorkspace();
  return (person) => {
    workspace.directory.rememberPeople([person]);
    const existing = directConversation(inbox, person.user_id);
    if (existing !== null) return void navigate({ to: "/c/$conversationId", params: { conversationId: existing } });
    const draft = workspace.drafts.getNew();
    const userIds = draft.text === "" ? [person.user_id] : [...new Set([...draft.userIds, person.user_id])];
    workspace.drafts.saveNew({ ...draft, userIds });
    void navigate({ to: "/new" });
  };
}

export function useWriteAbout(): (patient: Patient, matchId: string, matchedOn: readonly PatientIdentifier[]) => void {
  const navigate = useNavigate();
  const workspace = useWorkspace();
  return (patient, match_id, matched_on) => {
    const draft = workspace.drafts.getNew();
    const attached = { patient, match_id, matched_on };
    // Words about one patient never become words about another.
    const isAboutAnother = draft.text !== "" && draft.patient !== null && draft.patient.patient.patient_id !== patient.patient_id;
    workspace.drafts.saveNew(isAboutAnother ? { ...draft, next: attached } : { ...draft, patient: attached });
    void navigate({ to: "/new" });
  };
}
