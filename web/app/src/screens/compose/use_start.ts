/** From a finished draft to a conversation: review, confirm, begin, send; what fails leaves the draft as it was. */
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { Confirmed, Person, SendQuestion, StatedReason } from "@wardline/api";
import { answersTo, EMPTY_NEW_DRAFT, type NewDraft, NEW_DRAFT_KEY, reviewRecipients, type SendPrompt } from "@wardline/messaging";
import { useApp, useNameOf, useWorkspace } from "../../context.tsx";
import { t } from "../../text/index.ts";
import { explain, permitted } from "./permission.ts";

export interface Start {
  /** What is asked before it goes out; null while nothing is. */
  readonly prompts: readonly SendPrompt[] | null;
  readonly busy: boolean;
  readonly error: string | null;
  readonly begin: () => void;
  readonly confirm: (reason: StatedReason | null) => void;
  readonly back: () => void;
}

export function useStart(draft: NewDraft, people: readonly Person[], reset: (draft: NewDraft) => void): Start {
  const { api } = useApp();
  const workspace = useWorkspace();
  const nameOf = useNameOf();
  const navigate = useNavigate();
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => void (isHere.current = false);
  }, []);
  const [prompts, setPrompts] = useState<Start["prompts"]>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const attempt = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    work()
      .catch((caught: unknown) => setError(explain(caught, nameOf, t.compose.offline)))
      .finally(() => setBusy(false));
  };

  const send = async (contacts: readonly string[], confirmed: Confirmed) => {
    for (const userId of contacts) await api.confirmContact(userId);
    const conversationId = await workspace.commands.run("start", {
      kind: draft.userIds.length > 1 ? "group" : "direct",
      userIds: draft.userIds,
      ...(draft.patient !== null && { matchId: draft.patient.match_id, patientId: draft.patient.patient.patient_id }),
      confirmed,
    });
    const subject = draft.title.trim();
    if (subject !== "") {
      const title = { kind: "title" as const, text: subject, title: subject };
      await workspace.send({ conversationId, content: title, priority: "routine", needsAcknowledgement: false });
    }
    const { text, priority, needsAcknowledgement } = draft;
    if (workspace.uploads.views.get().has(NEW_DRAFT_KEY)) {
      // From here on it is a draft of that conversation, which leaves when its files are there.
      workspace.drafts.save(conversationId, { text, priority, needsAcknowledgement });
      workspace.uploads.begin(conversationId);
      workspace.departures.ask(conversationId);
    } else await workspace.send({ conversationId, content: { kind: "text", text: text.trim() }, priority, needsAcknowledgement });
    await workspace.drafts.clear(NEW_DRAFT_KEY);
    reset(EMPTY_NEW_DRAFT);
    workspace.directory.refreshPeople(contacts);
    // Whoever has gone elsewhere meanwhile is not torn away from there.
    if (isHere.current) await navigate({ to: "/c/$conversationId", params: { conversationId } });
  };

  const question: SendQuestion = {
    user_ids: [...draft.userIds],
    priority: draft.priority,
    ...(draft.patient !== null && { patient_id: draft.patient.patient.patient_id }),
  };

  const begin = () =>
    attempt(async () => {
      const decision = await permitted(api.sendDecision(question));
      const { similar } = await api.similarPeople(question.user_ids);
      const found = reviewRecipients(people, similar, decision);
      if (found.length > 0) setPrompts(found);
      else await send([], {});
    });

  const confirm = (reason: StatedReason | null) => {
    const asked = prompts?.flatMap((prompt) => (prompt.kind === "look_alike" || prompt.kind === "first_contact" ? [prompt.person.user_id] : [])) ?? [];
    attempt(() => send(asked, answersTo(prompts ?? [], reason)));
  };

  return { prompts, busy, error, begin, confirm, back: () => setPrompts(null) };
}
