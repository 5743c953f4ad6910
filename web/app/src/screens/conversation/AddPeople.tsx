/** More people into a group: they read from now on, and it says so. */
import { useState } from "react";
import type { Confirmed, Person, SendQuestion, StatedReason } from "@wardline/api";
import { answersTo, type ConversationRecord, reviewRecipients, type SendPrompt } from "@wardline/messaging";
import { useApp, useNameOf, useWorkspace } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { explain, permitted } from "../compose/permission.ts";
import { PeoplePicker } from "../compose/PeoplePicker.tsx";
import { ReviewDialog } from "../compose/ReviewDialog.tsx";

export default function AddPeople({ record, onClose }: { record: ConversationRecord; onClose: () => void }) {
  const { api } = useApp();
  const { commands, directory } = useWorkspace();
  const nameOf = useNameOf();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [prompts, setPrompts] = useState<readonly SendPrompt[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const userIds = chosen.map((person) => person.user_id);

  const attempt = (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    work()
      .catch((caught: unknown) => setError(explain(caught, nameOf, t.common.failed)))
      .finally(() => setBusy(false));
  };
  const add = async (confirmed: Confirmed) => {
    for (const person of chosen) if (person.contact === "new") await api.confirmContact(person.user_id);
    directory.rememberPeople(chosen);
    await commands.run("addMembers", { conversationId: record.server.conversation_id, userIds, confirmed });
    onClose();
  };
  const { patient } = record.server;
  const question: SendQuestion = { user_ids: userIds, priority: "routine", ...(patient !== null && { patient_id: patient.patient_id }) };
  const begin = () =>
    attempt(async () => {
      const decision = await permitted(api.sendDecision(question));
      const { similar } = await api.similarPeople(userIds);
      const found = reviewRecipients(chosen, similar, decision);
      if (found.length > 0) setPrompts(found);
      else await add({});
    });
  const confirm = (reason: StatedReason | null) => attempt(() => add(answersTo(prompts ?? [], reason)));

  if (prompts !== null) return <ReviewDialog prompts={prompts} busy={busy} error={error} onConfirm={confirm} onBack={() => setPrompts(null)} />;
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
