/** Somebody else was picked while this message is unfinished: neither is lost, and neither becomes the other (SAF-1, SAF-4). */
import { EMPTY_NEW_DRAFT, NEW_DRAFT_KEY, type NewDraft } from "@wardline/messaging";
import { useNameOf, useWorkspace } from "../../context.tsx";
import { patientName } from "../../models/names.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Small.tsx";
import { listOf, t } from "../../text/index.ts";

export function Unfinished({ draft: { instead, ...draft }, put }: { draft: NewDraft; put: (draft: NewDraft) => void }) {
  const { uploads } = useWorkspace();
  const nameOf = useNameOf();
  if (instead === undefined) return null;
  const names = (userIds: readonly string[]) => listOf(userIds.map(nameOf));
  const decide = (decided: NewDraft) => {
    put(decided);
    // The question goes away, and the focus with it: on with the words, or with whom they are for.
    requestAnimationFrame(() => (document.getElementById("words") ?? document.querySelector<HTMLElement>(".picker-input"))?.focus());
  };
  const beginAnew = () => {
    for (const { id } of uploads.views.get().get(NEW_DRAFT_KEY) ?? []) uploads.cancel(NEW_DRAFT_KEY, id);
    decide({ ...EMPTY_NEW_DRAFT, ...instead });
  };
  const isAbout = instead.patient !== null;
  // Words about one patient never become words about another.
  const canJoin = !isAbout || draft.patient === null;
  const join = () => decide({ ...draft, userIds: [...new Set([...draft.userIds, ...instead.userIds])], patient: instead.patient ?? draft.patient });
  return (
    <Note tone="warn" icon="warning" live>
      <p className="strong">{t.compose.unfinished(names(draft.userIds), draft.patient === null ? "" : patientName(draft.patient.patient))}</p>
      <div className="actions">
        <Button look="danger" onPress={beginAnew}>
          {isAbout ? t.compose.beginAbout(patientName(instead.patient.patient)) : t.compose.beginTo(names(instead.userIds))}
        </Button>
        {canJoin && <Button onPress={join}>{isAbout ? t.compose.joinAbout(patientName(instead.patient.patient)) : t.compose.joinTo(names(instead.userIds))}</Button>}
        <Button look="primary" onPress={() => decide(draft)}>
          {t.compose.goOn}
        </Button>
      </div>
    </Note>
  );
}
