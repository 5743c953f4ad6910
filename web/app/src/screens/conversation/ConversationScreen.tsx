/** One conversation: who, about whom, what was said, what comes next; details beside it or in front of it. */
import { useState } from "react";
import { Link, useParams } from "@tanstack/react-router";
import { useHasRoomForDetails, useInbox, useKnown, useTrust, useWorkspace } from "../../context.tsx";
import { conversationFace, conversationTitle, otherMembers } from "../../models/inbox.ts";
import { isolated, isOnCall, personName, roleLine } from "../../models/names.ts";
import { IconButton } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Face } from "../../parts/Face.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Empty, Note, Waiting } from "../../parts/Small.tsx";
import { CheckAgain } from "../../shell/TrustBanner.tsx";
import { listOf, t } from "../../text/index.ts";
import type { ConversationRecord } from "@wardline/messaging";
import { Composer, type ComposerProps } from "./Composer.tsx";
import { Details } from "./Details.tsx";
import type { Handed } from "./handed.ts";
import { PatientBand } from "./PatientBand.tsx";
import { Thread } from "./Thread.tsx";

export function ConversationScreen() {
  const { conversationId } = useParams({ from: "/inbox/c/$conversationId" });
  const inbox = useInbox();
  const record = inbox.conversations.get(conversationId);
  if (record === undefined) return <Missing loaded={inbox.loaded} />;
  // Another conversation is another screen: nothing of the one before may linger in it.
  return <Conversation key={conversationId} record={record} />;
}

function Conversation({ record }: { record: ConversationRecord }) {
  const hasRoom = useHasRoomForDetails();
  const [wantsDetails, setWantsDetails] = useState<boolean | null>(null);
  const [handed, setHanded] = useState<Handed | null>(null);
  const isBeside = hasRoom && wantsDetails !== false;
  const isInFront = !hasRoom && wantsDetails === true;
  const title = useTitle(record);
  return (
    <>
      <main id="content" className="conversation-pane" aria-label={title}>
        <Header record={record} title={title} isOpen={isBeside || isInFront} onDetails={() => setWantsDetails(!(isBeside || isInFront))} />
        {record.server.patient !== null && <PatientBand patientId={record.server.patient.patient_id} matchedOn={record.server.patient.matched_on} />}
        <Thread record={record} onHand={setHanded} />
        <Foot record={record} title={title} handed={handed} onTaken={() => setHanded(null)} />
      </main>
      {isBeside && (
        <aside className="details-pane" aria-label={t.details.title}>
          <Details record={record} />
        </aside>
      )}
      {isInFront && (
        <Dialog title={t.details.title} onClose={() => setWantsDetails(false)}>
          <Details record={record} />
        </Dialog>
      )}
    </>
  );
}

function useTitle(record: ConversationRecord): string {
  const known = useKnown();
  const { me } = useWorkspace();
  return conversationTitle(record, known, me.userId);
}

function Header({ record, title, isOpen, onDetails }: { record: ConversationRecord; title: string; isOpen: boolean; onDetails: () => void }) {
  const known = useKnown();
  const { people } = known;
  const { me } = useWorkspace();
  const others = otherMembers(record, me.userId).flatMap((id) => people.get(id) ?? []);
  const only = others.length === 1 ? others[0]! : null;
  const isNamed = record.title !== null && record.title !== "";
  const names = listOf(others.map(personName));
  const meta = only !== null && !isNamed ? roleLine(only) : only !== null ? `${personName(only)} · ${roleLine(only)}` : isNamed ? names : t.conversation.members(others.length + 1);
  return (
    <header className="conversation-head">
      <Link to="/" className="icon-button back" aria-label={t.nav.back}>
        <Icon name="back" />
      </Link>
      <Face {...conversationFace(record, known, me.userId)} onCall={only !== null && isOnCall(only)} />
      <div className="grow">
        <h1 className="truncate">{title}</h1>
        <p className="small muted line">
          <span className="truncate">{meta}</span>
          {only !== null && isOnCall(only) && <span className="chip ok wide-only">{t.person.onCallFor(isolated(only.on_call[0]!.name))}</span>}
        </p>
      </div>
      <IconButton icon="info" label={isOpen ? t.conversation.hideDetails : t.conversation.details} pressed={isOpen} onPress={onDetails} />
    </header>
  );
}

function Foot({ record, title, handed, onTaken }: ComposerProps) {
  const { alarm } = useTrust();
  if (record.untrusted) {
    return (
      <footer className="composer">
        <Note tone="bad" icon="warning" live>
          <p className="strong">{t.trust.conversationTitle}</p>
          <p>
            {t.trust.conversationHeld} <strong>{t.trust.todo}</strong>
          </p>
          <div className="actions">
            <CheckAgain />
          </div>
        </Note>
        <KeptDraft conversationId={record.server.conversation_id} />
      </footer>
    );
  }
  const reason =
    alarm !== null ? t.trust.held
    : record.membership === "removed" ? t.conversation.removedSelf
    : record.server.state === "closed" ? t.conversation.closed
    : record.membership === "awaiting" ? t.conversation.awaiting
    : null;
  if (reason === null) return <Composer record={record} title={title} handed={handed} onTaken={onTaken} />;
  return (
    <footer className="composer">
      <Note icon={alarm !== null ? "warning" : "info"}>{reason}</Note>
      <KeptDraft conversationId={record.server.conversation_id} />
    </footer>
  );
}

/** What was written and cannot be sent now is still to be seen, and to be read to somebody on the telephone. */
function KeptDraft({ conversationId }: { conversationId: string }) {
  const { drafts } = useWorkspace();
  const text = drafts.get(conversationId)?.text ?? "";
  if (text === "") return null;
  return (
    <div className="kept-draft">
      <span className="tiny faint">{t.trust.kept}</span>
      <p>{text}</p>
    </div>
  );
}

function Missing({ loaded }: { loaded: boolean }) {
  return (
    <main id="content" className="conversation-pane nothing">
      {loaded ? (
        <Empty isPage icon="info" title={t.error.notFound}>
          <p>{t.error.notFoundBody}</p>
          <Link to="/" className="button secondary">
            {t.error.toInbox}
          </Link>
        </Empty>
      ) : (
        <Waiting />
      )}
    </main>
  );
}
