/** A new conversation on one page: to whom, about whom, how urgent, and the words. Kept as a draft all along. */
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { Input } from "react-aria-components/Input";
import { TextArea } from "react-aria-components/TextArea";
import { MOST_TEXT_LENGTH, MOST_TITLE_LENGTH, NEW_DRAFT_KEY, type NewDraft } from "@wardline/messaging";
import { useConnection, useInbox, useKnown, useNameOf, useNow, useRewrittenDraft, useTrust, useWorkspace } from "../../context.tsx";
import { roomLeft } from "../../models/length.ts";
import { ageAndSex, bedLine, maskedMrn, patientName, personName } from "../../models/names.ts";
import { Button, IconButton } from "../../parts/Button.tsx";
import { PriorityPicker, Tick } from "../../parts/Choices.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Note } from "../../parts/Small.tsx";
import { listOf, t } from "../../text/index.ts";
import { AttachButton, AttachTray, useAttaching } from "../conversation/Attaching.tsx";
import { directConversation } from "../directory/use_write_to.ts";
import { PatientMatchDialog } from "./PatientMatch.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import { ReviewDialog } from "./ReviewDialog.tsx";
import { Unfinished } from "./Unfinished.tsx";
import { useStart } from "./use_start.ts";

export default function NewMessage() {
  const workspace = useWorkspace();
  const { people } = useKnown();
  const { freshness } = useConnection();
  const [draft, setDraft] = useState<NewDraft>(() => workspace.drafts.getNew());
  const put = (next: NewDraft) => {
    setDraft(next);
    workspace.drafts.saveNew(next);
  };
  const change = (part: Partial<NewDraft>) => put({ ...draft, ...part });
  useRewrittenDraft(NEW_DRAFT_KEY, () => setDraft(workspace.drafts.getNew()));
  const chosen = draft.userIds.flatMap((id) => people.get(id) ?? []);
  const start = useStart(draft, chosen, setDraft);
  const withoutDevice = chosen.filter((person) => !person.has_device);
  const isOffline = freshness === "offline";
  const { alarm } = useTrust();
  const attaching = useAttaching(NEW_DRAFT_KEY);
  const hasFailed = attaching.uploads.some(({ stage }) => stage === "failed");
  const hasContent = draft.text.trim() !== "" || attaching.uploads.length > 0;
  const isTooLong = draft.text.length > MOST_TEXT_LENGTH || draft.title.length > MOST_TITLE_LENGTH;
  const isReady = chosen.length > 0 && hasContent && !isTooLong && !hasFailed && withoutDevice.length === 0 && !isOffline && alarm === null && draft.instead === undefined;

  return (
    <main id="content" className={attaching.isDropping ? "conversation-pane compose dropping" : "conversation-pane compose"} {...(chosen.length > 0 && attaching.dropProps)}>
      <header className="conversation-head">
        <Link to="/" className="icon-button back always" aria-label={t.nav.back}>
          <Icon name="back" />
        </Link>
        <h1 className="grow">{t.compose.title}</h1>
      </header>
      {/* What goes out is what stood there when it was sent: a word typed now would be lost. */}
      <div className="compose-body" inert={start.busy}>
        <Unfinished draft={draft} put={put} />
        <PeoplePicker
          label={t.compose.to}
          chosen={chosen}
          onAdd={(person) => {
            workspace.directory.rememberPeople([person]);
            change({ userIds: [...draft.userIds, person.user_id] });
          }}
          onRemove={(id) => change({ userIds: draft.userIds.filter((other) => other !== id) })}
        />
        {chosen.length > 0 && (
          <>
            <Existing draft={draft} />
            <About draft={draft} change={change} />
            <div className="field">
              <label htmlFor="subject">{t.compose.subject}</label>
              <Input id="subject" className="input" value={draft.title} autoComplete="off" onChange={(event) => change({ title: event.target.value })} aria-describedby="subject-hint" aria-invalid={draft.title.length > MOST_TITLE_LENGTH} />
              <Room id="subject-hint" length={draft.title.length} most={MOST_TITLE_LENGTH} otherwise={t.compose.subjectHint} />
            </div>
            <div className="field">
              <label htmlFor="words">{t.composer.label}</label>
              <TextArea id="words" className="input compose-text" rows={5} value={draft.text} onChange={(event) => change({ text: event.target.value })} onPaste={attaching.onPaste} aria-describedby="words-hint" aria-invalid={draft.text.length > MOST_TEXT_LENGTH} />
              <Room id="words-hint" length={draft.text.length} most={MOST_TEXT_LENGTH} />
              <AttachTray attaching={attaching} />
            </div>
          </>
        )}
        {withoutDevice.length > 0 && (
          <Note tone="warn" icon="warning">
            <strong>{t.compose.noDeviceTitle(listOf(withoutDevice.map(personName)))}.</strong> {t.person.noDeviceHint}
          </Note>
        )}
        {alarm !== null && <Note tone="bad" icon="warning">{t.trust.held}</Note>}
        {isOffline && <Note tone="warn" icon="offline">{t.compose.offline}</Note>}
        {start.error !== null && start.prompts === null && <Note tone="bad" icon="warning" live>{start.error}</Note>}
      </div>
      {chosen.length > 0 && (
        <footer className="compose-foot">
          <AttachButton attaching={attaching} isDisabled={start.busy} />
          <span className="contents" inert={start.busy}>
            <PriorityPicker value={draft.priority} onChange={(priority) => change({ priority, needsAcknowledgement: priority === "critical" || draft.needsAcknowledgement })} />
            <Tick isSelected={draft.needsAcknowledgement} isDisabled={draft.priority === "critical"} onChange={(needsAcknowledgement) => change({ needsAcknowledgement })}>
              {t.composer.needsAcknowledgement}
            </Tick>
          </span>
          <span className="grow" />
          <Button look={draft.priority === "critical" ? "critical" : "primary"} icon="send" busy={start.busy && start.prompts === null} isDisabled={!isReady} onPress={start.begin}>
            {t.compose.send}
          </Button>
        </footer>
      )}
      {start.prompts !== null && <ReviewDialog prompts={start.prompts} busy={start.busy} error={start.error} onConfirm={start.confirm} onBack={start.back} />}
    </main>
  );
}

function Room({ id, length, most, otherwise = "" }: { id: string; length: number; most: number; otherwise?: string }) {
  return (
    <span id={id} className={length > most ? "hint bad" : "hint"}>
      {roomLeft(length, most) ?? otherwise}
    </span>
  );
}

/** Two conversations with one person split what is said; offer the one that exists. */
function Existing({ draft }: { draft: NewDraft }) {
  const inbox = useInbox();
  const nameOf = useNameOf();
  const [userId, ...more] = draft.userIds;
  if (userId === undefined || more.length > 0 || draft.patient !== null) return null;
  const existing = directConversation(inbox, userId);
  if (existing === null) return null;
  return (
    <Note>
      {t.compose.existing(nameOf(userId))}{" "}
      <Link className="link" to="/c/$conversationId" params={{ conversationId: existing }}>
        {t.compose.openExisting}
      </Link>
    </Note>
  );
}

function About({ draft, change }: { draft: NewDraft; change: (part: Partial<NewDraft>) => void }) {
  const now = useNow(3_600_000);
  const [isMatching, setMatching] = useState(false);
  const attached = draft.patient;
  return (
    <div className="field">
      <span className="label">{t.compose.patient}</span>
      {attached === null ? (
        <>
          <Button icon="patients" onPress={() => setMatching(true)} aria-describedby="patient-hint">
            {t.compose.addPatient}
          </Button>
          <span id="patient-hint" className="hint">
            {t.compose.patientHint}
          </span>
        </>
      ) : (
        <div className="attached">
          <Icon name="patients" />
          <span className="grow">
            <span className="strong">{patientName(attached.patient)}</span>{" "}
            <span className="small muted">
              {ageAndSex(attached.patient, now)} · {t.patient.mrn} {maskedMrn(attached.patient)} · {bedLine(attached.patient)}
            </span>
            <span className="matched small">
              <Icon name="check" small />
              {t.patient.matchedOn(listOf(attached.matched_on.map((identifier) => t.patient.identifiers[identifier])))}
            </span>
          </span>
          <IconButton icon="close" label={t.match.remove} onPress={() => change({ patient: null })} />
        </div>
      )}
      {isMatching && (
        <PatientMatchDialog
          onClose={() => setMatching(false)}
          onMatch={({ patient, match_id, matched_on }) => {
            change({ patient: { patient, match_id, matched_on } });
            setMatching(false);
          }}
        />
      )}
    </div>
  );
}
