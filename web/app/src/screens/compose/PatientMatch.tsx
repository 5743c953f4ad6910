/** Attaching a patient: two identifiers that match, then a card to confirm (SAF-1, SAF-2). There is no other way. */
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components/Form";
import { isProblem, type Patient, type PatientMatch, type PatientQuery } from "@wardline/api";
import { useApp, useNow } from "../../context.tsx";
import { ageAndSex, bedLine, patientName } from "../../models/names.ts";
import { calendarDate } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Field } from "../../parts/Field.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Note } from "../../parts/Small.tsx";
import { listOf, t } from "../../text/index.ts";
import { useWriteAbout } from "../directory/use_write_to.ts";

const EMPTY = { family_name: "", given_name: "", birth_date: "", mrn: "" };

/** The identifiers that were filled in, trimmed. */
export function filledIn(fields: Readonly<Record<string, string>>): PatientQuery {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ""));
}

function useMatch() {
  const { api } = useApp();
  const [match, setMatch] = useState<PatientMatch | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const find = async (query: PatientQuery) => {
    setBusy(true);
    setError(null);
    try {
      setMatch(await api.matchPatient(query));
    } catch (caught) {
      setError(explain(caught));
    } finally {
      setBusy(false);
    }
  };
  return { match, error, busy, find, forget: () => setMatch(null) };
}

function explain(error: unknown): string {
  if (isProblem(error, "patient-ambiguous")) return t.match.ambiguous(error.number("candidates") ?? 2);
  if (isProblem(error, "patient-not-found")) return t.match.notFound;
  return isProblem(error) ? t.common.refused(error.body.detail ?? error.body.title) : t.common.failed;
}

export function PatientMatchDialog({ onMatch, onClose }: { onMatch: (match: PatientMatch) => void; onClose: () => void }) {
  const [fields, setFields] = useState(EMPTY);
  const { match, error, busy, find, forget } = useMatch();
  const query = filledIn(fields);
  const isEnough = Object.keys(query).length >= 2;
  const set = (name: keyof typeof EMPTY) => (value: string) => setFields({ ...fields, [name]: value });
  if (match !== null) return <ConfirmPatient match={match} onYes={() => onMatch(match)} onNo={forget} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isEnough) void find(query);
  };
  return (
    <Dialog title={t.match.title} onClose={onClose}>
      <p className="muted small">{t.match.intro}</p>
      <Form className="gate-form" onSubmit={submit}>
        {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
        <div className="two-fields">
          <Field label={t.match.familyName} value={fields.family_name} onChange={set("family_name")} autoComplete="off" autoFocus />
          <Field label={t.match.givenName} value={fields.given_name} onChange={set("given_name")} autoComplete="off" />
          <Field label={t.match.birthDate} type="date" value={fields.birth_date} onChange={set("birth_date")} autoComplete="off" />
          <Field label={t.match.mrn} value={fields.mrn} onChange={set("mrn")} inputMode="numeric" autoComplete="off" />
        </div>
        <div className="actions">
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" busy={busy} isDisabled={!isEnough}>
            {t.match.find}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}

/** The confirmation card: name, date of birth and MRN in full, large enough to compare with a wristband. */
function ConfirmPatient({ match, onYes, onNo, onClose }: { match: PatientMatch; onYes: () => void; onNo: () => void; onClose: () => void }) {
  const now = useNow(3_600_000);
  const { patient } = match;
  return (
    <Dialog asks title={t.match.confirmTitle} onClose={onClose}>
      <div className="wristband">
        <p className="wristband-name">{patientName(patient)}</p>
        <dl className="facts roomy">
          <dt>{t.patient.born}</dt>
          <dd className="strong">
            {calendarDate(patient.birth_date)} <span className="muted">({ageAndSex(patient, now)})</span>
          </dd>
          <dt>{t.patient.mrn}</dt>
          <dd className="strong numbers">{patient.mrn}</dd>
          <dt>{t.patient.place}</dt>
          <dd>{bedLine(patient)}</dd>
        </dl>
        <p className="matched">
          <Icon name="check" small />
          {t.patient.matchedOn(listOf(match.matched_on.map((identifier) => t.patient.identifiers[identifier])))}
        </p>
      </div>
      <div className="actions">
        <Button onPress={onNo}>{t.match.notThis}</Button>
        <Button look="primary" onPress={onYes}>
          {t.match.attach}
        </Button>
      </div>
    </Dialog>
  );
}

/** From the panel: the identifiers are those of the record, and the card is confirmed all the same. */
export function PatientMatchButton({ patient }: { patient: Patient }) {
  const { match, error, busy, find, forget } = useMatch();
  const writeAbout = useWriteAbout();
  return (
    <>
      {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
      <Button look="primary" icon="write" busy={busy} onPress={() => void find({ mrn: patient.mrn, birth_date: patient.birth_date })}>
        {t.patient.write}
      </Button>
      {match !== null && (
        <ConfirmPatient match={match} onYes={() => writeAbout(match.patient, match.match_id, match.matched_on)} onNo={forget} onClose={forget} />
      )}
    </>
  );
}
