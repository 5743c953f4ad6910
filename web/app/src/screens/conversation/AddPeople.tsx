/** More people into a group: they read from now on, and it says so. */
import { useState } from "react";
import type { Person } from "@wardline/api";
import { type ConversationRecord, type Review, GroupError, reviewRecipients } from "@wardline/messaging";
import { useApp, useNameOf, useWorkspace } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Note } from "../../parts/Small.tsx";
import { listOf, t } from "../../text/index.ts";
import { PeoplePicker } from "../compose/PeoplePicker.tsx";
import { ReviewDialog } from "../compose/ReviewDialog.tsx";

export default function AddPeople({ record, onClose }: { record: ConversationRecord; onClose: () => void }) {
  const { api } = useApp();
  const { commands, directory } = useWorkspace();
  const nameOf = useNameOf();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [review, setReview] = useState<Review | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const userIds = chosen.map((person) => person.user_id);

  const attempt = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    work()
      .catch((caught: unknown) => setError(explain(caught, nameOf)))
      .finally(() => setBusy(false));
  };
  const add = async () => {
    for (const person of chosen) if (person.contact === "new") await api.confirmContact(person.user_id);
    directory.rememberPeople(chosen);
    await commands.run("addMembers", { conversationId: record.server.conversation_id, userIds });
    onClose();
  };
  const begin = () =>
    attempt(async () => {
      const patient = record.server.patient === null ? {} : { patient_id: record.server.patient.patient_id };
      const decision = await api.sendDecision({ user_ids: userIds, priority: "routine", ...patient });
      const { similar } = await api.similarPeople(userIds);
      const found = reviewRecipients(chosen, similar, decision);
      if (!found.permitted) setError(t.compose.refused(found.denied?.text ?? ""));
      else if (found.prompts.length > 0) setReview(found);
      else await add();
    });

  if (review !== null) return <ReviewDialog review={review} busy={busy} error={error} onConfirm={() => attempt(add)} onBack={() => setReview(null)} />;
  return (
    <Dialog wide title={t.details.addTitle} onClose={onClose}>
      <p className="muted small">{t.details.addHint}</p>
      <PeoplePicker
        label={t.details.who}
        chosen={chosen}
        exclude={record.server.members.map((member) => member.user_id)}
        onAdd={(person) => setChosen([...chosen, person])}
        onRemove={(id) => setChosen(chosen.filter((person) => person.user_id !== id))}
      />
      {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
      <div className="actions">
        <Button onPress={onClose}>{t.common.cancel}</Button>
        <Button look="primary" busy={busy} isDisabled={chosen.length === 0} onPress={begin}>
          {t.details.addConfirm(chosen.length)}
        </Button>
      </div>
    </Dialog>
  );
}

function explain(error: unknown, nameOf: (userId: string) => string): string {
  if (!(error instanceof GroupError)) return t.common.failed;
  if (error.code === "without-device") return `${t.compose.noDeviceTitle(listOf(error.userIds.map(nameOf)))}. ${t.person.noDeviceHint}`;
  return error.code === "busy" ? t.compose.busy : error.code === "untrusted-device" ? t.trust.untrustedDevice : error.code === "log-alarm" ? t.trust.logAlarm : t.compose.refused(error.detail ?? "");
}
