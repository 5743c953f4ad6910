/** From a finished draft to a conversation: review, confirm, begin, send; what fails leaves the draft as it was. */
import { useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import { isProblem, type Person } from "@wardline/api";
import { EMPTY_NEW_DRAFT, GroupError, type NewDraft, NEW_DRAFT_KEY, type Review, reviewRecipients } from "@wardline/messaging";
import { useApp, useNameOf, useWorkspace } from "../../context.tsx";
import { listOf, t } from "../../text/index.ts";

export interface Start {
  readonly review: Review | null;
  readonly busy: boolean;
  readonly error: string | null;
  readonly begin: () => void;
  readonly confirm: () => void;
  readonly back: () => void;
}

export function useStart(draft: NewDraft, people: readonly Person[], reset: (draft: NewDraft) => void): Start {
  const { api } = useApp();
  const workspace = useWorkspace();
  const nameOf = useNameOf();
  const navigate = useNavigate();
  const [review, setReview] = useState<Review | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const attempt = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    work()
      .catch((caught: unknown) => setError(explain(caught, nameOf)))
      .finally(() => setBusy(false));
  };

  const send = async (confirmed: readonly string[]) => {
    for (const userId of confirmed) await api.confirmContact(userId);
    const conversationId = await workspace.commands.run("start", {
      kind: draft.userIds.length > 1 ? "group" : "direct",
      userIds: draft.userIds,
      ...(draft.patient !== null && { matchId: draft.patient.match_id }),
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
    workspace.directory.refreshPeople(confirmed);
    await navigate({ to: "/c/$conversationId", params: { conversationId } });
  };

  const begin = () =>
    attempt(async () => {
      const decision = await api.sendDecision({
        user_ids: [...draft.userIds],
        priority: draft.priority,
        ...(draft.patient !== null && { patient_id: draft.patient.patient.patient_id }),
      });
      const { similar } = await api.similarPeople([...draft.userIds]);
      const found = reviewRecipients(people, similar, decision);
      if (!found.permitted) throw new Refused(found.denied?.text ?? "", found.denied?.alternative ?? "");
      if (found.prompts.length > 0) setReview(found);
      else await send([]);
    });

  const confirm = () => {
    const asked = review?.prompts.flatMap((prompt) => (prompt.kind === "look_alike" || prompt.kind === "first_contact" ? [prompt.person.user_id] : [])) ?? [];
    attempt(() => send(asked));
  };

  return { review, busy, error, begin, confirm, back: () => setReview(null) };
}

class Refused extends Error {
  readonly alternative: string;
  constructor(text: string, alternative: string) {
    super(text);
    this.alternative = alternative;
  }
}

function explain(error: unknown, nameOf: (userId: string) => string): string {
  if (error instanceof Refused) {
    const alternative = error.alternative === "" ? "" : ` ${t.compose.alternative(error.alternative)}`;
    return t.compose.refused(error.message) + alternative;
  }
  if (error instanceof GroupError) {
    if (error.code === "without-device") return `${t.compose.noDeviceTitle(listOf(error.userIds.map(nameOf)))}. ${t.person.noDeviceHint}`;
    return error.code === "busy" ? t.compose.busy : error.code === "untrusted-device" ? t.trust.untrustedDevice : error.code === "log-alarm" ? t.trust.logAlarm : t.compose.refused(error.detail ?? "");
  }
  return isProblem(error) ? t.compose.refused(error.body.detail ?? error.body.title) : t.compose.offline;
}
