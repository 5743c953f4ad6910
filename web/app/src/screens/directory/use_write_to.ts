/** "Message this person": the conversation that exists, or a new message addressed to them. */
import { useNavigate } from "@tanstack/react-router";
import type { Patient, PatientIdentifier, Person } from "@wardline/api";
import { type Addressed, type Inbox, NEW_DRAFT_KEY } from "@wardline/messaging";
import { useInbox, useWorkspace } from "../../context.tsx";

export function directConversation(inbox: Inbox, userId: string): string | null {
  const found = [...inbox.conversations.values()].filter(
    ({ server, membership }) =>
      server.kind === "direct" && server.patient === null && server.state === "active" && membership === "joined" && server.members.some((member) => member.user_id === userId),
  );
  return found.sort((left, right) => (right.last?.stored_at ?? 0) - (left.last?.stored_at ?? 0))[0]?.server.conversation_id ?? null;
}

/** A message that is half written is not touched: the new message asks which of the two it is to be (SAF-1, SAF-4). */
function useAddress(): (wanted: Partial<Addressed>) => void {
  const navigate = useNavigate();
  const { drafts, uploads } = useWorkspace();
  return (wanted) => {
    drafts.addressNew(wanted, uploads.views.get().has(NEW_DRAFT_KEY));
    void navigate({ to: "/new" });
  };
}

export function useWriteTo(): (person: Person) => void {
  const navigate = useNavigate();
  const inbox = useInbox();
  const { directory } = useWorkspace();
  const address = useAddress();
  return (person) => {
    directory.rememberPeople([person]);
    const existing = directConversation(inbox, person.user_id);
    if (existing !== null) void navigate({ to: "/c/$conversationId", params: { conversationId: existing } });
    else address({ userIds: [person.user_id] });
  };
}

export function useWriteAbout(): (patient: Patient, matchId: string, matchedOn: readonly PatientIdentifier[]) => void {
  const address = useAddress();
  return (patient, match_id, matched_on) => address({ patient: { patient, match_id, matched_on } });
}
