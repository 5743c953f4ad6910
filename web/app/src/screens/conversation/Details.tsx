/** The patient, the members and how the conversation is protected, in plain words. */
import { lazy, Suspense, useState } from "react";
import type { Person } from "@wardline/api";
import { GroupError, type ConversationRecord } from "@wardline/messaging";
import { useKnown, useNow, useWorkspace } from "../../context.tsx";
import { ageAndSex, bedLine, initials, isolated, isOnCall, maskedMrn, patientName, personName, placeLine } from "../../models/names.ts";
import { Button, IconButton } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Face } from "../../parts/Face.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";

const AddPeople = lazy(() => import("./AddPeople.tsx"));

export function Details({ record }: { record: ConversationRecord }) {
  return (
    <div className="details">
      {record.server.patient !== null && <PatientFacts patientId={record.server.patient.patient_id} />}
      <Members record={record} />
      <section>
        <h2 className="label">{t.details.protection}</h2>
        <dl className="facts">
          <dt>{t.details.content}</dt>
          <dd>{t.details.contentValue}</dd>
          <dt>{t.details.server}</dt>
          <dd>{t.details.serverValue}</dd>
          <dt>{t.details.onDevice}</dt>
          <dd>{t.details.onDeviceValue}</dd>
        </dl>
      </section>
    </div>
  );
}

function PatientFacts({ patientId }: { patientId: string }) {
  const patient = useKnown().patients.get(patientId);
  const now = useNow(3_600_000);
  if (patient === undefined) return null;
  return (
    <section>
      <h2 className="label">{t.patient.title}</h2>
      <dl className="facts">
        <dt>{t.patient.name}</dt>
        <dd className="strong">{patientName(patient)}</dd>
        <dt>{t.patient.age}</dt>
        <dd>{ageAndSex(patient, now)}</dd>
        <dt>{t.patient.mrn}</dt>
        <dd className="numbers">{maskedMrn(patient)}</dd>
        <dt>{t.patient.place}</dt>
        <dd>{bedLine(patient)}</dd>
        <dt>{t.patient.service}</dt>
        <dd>{isolated(patient.service.name)}</dd>
        <dt>{t.patient.allergies}</dt>
        <dd className={patient.allergies.length > 0 ? "allergies" : "muted"}>{patient.allergies.length > 0 ? patient.allergies.join(", ") : t.patient.noAllergies}</dd>
      </dl>
    </section>
  );
}

function Members({ record }: { record: ConversationRecord }) {
  const { people } = useKnown();
  const { me } = useWorkspace();
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Person | null>(null);
  const isGroup = record.server.kind === "group";
  const canChange = isGroup && record.membership === "joined" && record.server.state === "active";
  return (
    <section>
      <h2 className="label">{t.details.members}</h2>
      <ul className="plain-list">
        {record.server.members.map((member) => {
          const person = people.get(member.user_id);
          if (person === undefined) return null;
          return (
            <li key={member.user_id} className="line person-line">
              <Face text={initials(person.name)} kind="person" size="s" onCall={isOnCall(person)} />
              <span className="grow">
                <span className="truncate strong">{member.user_id === me.userId ? t.common.you : personName(person)}</span>
                <span className="small muted">{isOnCall(person) ? t.person.onCallFor(isolated(person.on_call[0]!.name)) : placeLine(person)}</span>
              </span>
              {canChange && member.user_id !== me.userId && (
                <IconButton icon="close" label={t.details.removeConfirm(person.name)} onPress={() => setLeaving(person)} />
              )}
            </li>
          );
        })}
      </ul>
      {canChange && (
        <Button icon="plus" wide onPress={() => setAdding(true)}>
          {t.details.add}
        </Button>
      )}
      <Suspense>{adding && <AddPeople record={record} onClose={() => setAdding(false)} />}</Suspense>
      {leaving !== null && <RemoveMember record={record} person={leaving} onClose={() => setLeaving(null)} />}
    </section>
  );
}

function RemoveMember({ record, person, onClose }: { record: ConversationRecord; person: Person; onClose: () => void }) {
  const { commands } = useWorkspace();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const remove = async () => {
    setBusy(true);
    try {
      await commands.run("removeMember", { conversationId: record.server.conversation_id, userId: person.user_id });
      onClose();
    } catch (caught) {
      setError(caught instanceof GroupError && caught.detail !== undefined ? t.common.refused(caught.detail) : t.common.failed);
      setBusy(false);
    }
  };
  return (
    <Dialog asks title={t.details.removeTitle(personName(person))} onClose={onClose}>
      <p>{t.details.removeBody}</p>
      {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
      <div className="actions">
        <Button autoFocus onPress={onClose}>
          {t.details.keep}
        </Button>
        <Button look="danger" busy={busy} onPress={() => void remove()}>
          {t.details.removeConfirm(personName(person))}
        </Button>
      </div>
    </Dialog>
  );
}
