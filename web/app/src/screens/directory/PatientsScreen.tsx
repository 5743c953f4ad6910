/** My panel, and what is said about each patient. */
import { useState } from "react";
import { Link, useParams } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import type { Patient } from "@wardline/api";
import { useApp, useInbox, useIsPhone, useKnown, useNow, useWorkspace } from "../../context.tsx";
import { conversationTitle } from "../../models/inbox.ts";
import { ageAndSex, bedLine, isolated, maskedMrn, patientName } from "../../models/names.ts";
import { calendarDate, listTime } from "../../models/time.ts";
import { SearchBox } from "../../parts/Field.tsx";
import { Face } from "../../parts/Face.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Empty, Note, Waiting } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { PatientMatchButton } from "../compose/PatientMatch.tsx";

export function usePanel() {
  const { api } = useApp();
  const { directory } = useWorkspace();
  return useQuery({
    queryKey: ["patients"],
    queryFn: async () => {
      const { patients } = await api.patients();
      directory.rememberPatients(patients);
      return patients;
    },
  });
}

const fits = (patient: Patient, text: string) =>
  `${patientName(patient)} ${patient.given_name} ${patient.mrn} ${patient.location.name} ${patient.location.bed}`.toLowerCase().includes(text.toLowerCase());

export default function PatientsScreen() {
  const { patientId } = useParams({ strict: false });
  const [text, setText] = useState("");
  const now = useNow(3_600_000);
  const panel = usePanel();
  const isPhone = useIsPhone();
  const shown = panel.data?.filter((patient) => fits(patient, text.trim())) ?? [];
  return (
    <>
      <section className="list-pane" role={isPhone ? "main" : undefined} aria-labelledby="panel-title">
        <header className="list-head">
          <h1 id="panel-title">{t.patient.panel}</h1>
          <SearchBox label={t.patient.find} value={text} onChange={setText} />
        </header>
        <div className="list-body">
          {panel.isError && <Note tone="bad" icon="warning" live>{t.common.failed}</Note>}
          {panel.isPending && !panel.isError && <Waiting />}
          {panel.data?.length === 0 && (
            <Empty icon="patients" title={t.patient.empty}>
              <p>{t.patient.emptyBody}</p>
            </Empty>
          )}
          {panel.isSuccess && panel.data.length > 0 && shown.length === 0 && <p className="muted small list-title" role="status">{t.patient.noMatch}</p>}
          <ul>
            {shown.map((patient) => (
              <li key={patient.patient_id}>
                <Link to="/patients/$patientId" params={{ patientId: patient.patient_id }} className="row" aria-current={patient.patient_id === patientId ? "page" : undefined}>
                  <Face text={(patient.family_name.slice(0, 1) + patient.given_name.slice(0, 1)).toUpperCase()} kind="patient" />
                  <span className="row-text">
                    <span className="line">
                      <span className="row-title truncate grow">{patientName(patient)}</span>
                      <span className="small muted">{ageAndSex(patient, now)}</span>
                    </span>
                    <span className="line">
                      <span className="row-sub truncate grow">{bedLine(patient)}</span>
                      <span className="tiny faint numbers">{t.patient.mrn} {maskedMrn(patient)}</span>
                    </span>
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      </section>
      <main id="content" className="conversation-pane patient-page">
        {patientId === undefined ? (
          <Empty icon="patients" title={t.patient.pick}>
            <p>{t.patient.panelHint}</p>
          </Empty>
        ) : (
          <PatientPage key={patientId} patientId={patientId} />
        )}
      </main>
    </>
  );
}

function PatientPage({ patientId }: { patientId: string }) {
  const { api } = useApp();
  const now = useNow(3_600_000);
  const fetched = useQuery({ queryKey: ["patient", patientId], queryFn: () => api.patient(patientId) });
  const known = useKnown().patients.get(patientId);
  const patient = fetched.data ?? known;
  if (patient === undefined) return fetched.isError ? <Note tone="warn" icon="lock">{t.patient.notYours}</Note> : <Waiting />;
  return (
    <>
      <header className="conversation-head">
        <Link to="/patients" className="icon-button back" aria-label={t.nav.back}>
          <Icon name="back" />
        </Link>
        <div className="grow">
          <h1 className="truncate">{patientName(patient)}</h1>
          <p className="small muted">{ageAndSex(patient, now)} · {bedLine(patient)}</p>
        </div>
      </header>
      <div className="page-body">
        {patient.allergies.length > 0 && (
          <Note tone="warn" icon="warning">
            <strong>{t.patient.allergies}:</strong> {patient.allergies.join(", ")}
          </Note>
        )}
        <dl className="facts roomy card">
          <dt>{t.patient.born}</dt>
          <dd>{calendarDate(patient.birth_date)}</dd>
          <dt>{t.patient.mrn}</dt>
          <dd className="numbers">{patient.mrn}</dd>
          <dt>{t.patient.place}</dt>
          <dd>{bedLine(patient)}</dd>
          <dt>{t.patient.service}</dt>
          <dd>{isolated(patient.service.name)}</dd>
          {patient.allergies.length === 0 && (
            <>
              <dt>{t.patient.allergies}</dt>
              <dd className="muted">{t.patient.noAllergies}</dd>
            </>
          )}
        </dl>
        <section className="stack gap">
          <h2>{t.patient.conversations}</h2>
          <AboutPatient patientId={patientId} />
        </section>
      </div>
      <footer className="compose-foot">
        <PatientMatchButton patient={patient} />
      </footer>
    </>
  );
}

function AboutPatient({ patientId }: { patientId: string }) {
  const inbox = useInbox();
  const known = useKnown();
  const { me } = useWorkspace();
  const now = useNow();
  const about = [...inbox.conversations.values()].filter(({ server }) => server.patient?.patient_id === patientId);
  if (about.length === 0) return <p className="muted small">{t.patient.noConversations}</p>;
  return (
    <ul className="table">
      {about.map((record) => (
        <li key={record.server.conversation_id}>
          <Link to="/c/$conversationId" params={{ conversationId: record.server.conversation_id }} className="person-row">
            <span className="grow">
              <span className="strong truncate block">{conversationTitle(record, known, me.userId)}</span>
              <span className="small muted truncate block">{isolated(record.last?.text ?? t.inbox.noMessages)}</span>
            </span>
            {record.last !== null && <span className="tiny faint numbers">{listTime(record.last.stored_at, now)}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}
