/** About whom: always in sight above the messages, like a wristband. */
import type { PatientIdentifier } from "@wardline/api";
import { useKnown, useNow } from "../../context.tsx";
import { ageAndSex, bedLine, maskedMrn, patientName } from "../../models/names.ts";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";

export function PatientBand({ patientId, matchedOn }: { patientId: string; matchedOn: readonly PatientIdentifier[] }) {
  const patient = useKnown().patients.get(patientId);
  const now = useNow(3_600_000);
  const matched = matchedOn.map((identifier) => t.patient.identifiers[identifier]).join(", ");
  if (patient === undefined) {
    return (
      <section className="band" aria-label={t.patient.title}>
        <span className="muted">{t.patient.notYours}</span>
      </section>
    );
  }
  return (
    <section className="band" aria-label={t.patient.title}>
      <strong>{patientName(patient)}</strong>
      <span>{ageAndSex(patient, now)}</span>
      <span className="numbers">
        {t.patient.mrn} {maskedMrn(patient)}
      </span>
      <span>{bedLine(patient)}</span>
      {patient.allergies.length > 0 && (
        <span className="allergy">
          <Icon name="warning" small />
          <span className="visually-hidden">{t.patient.allergies}: </span>
          {patient.allergies.join(", ")}
        </span>
      )}
      {matched !== "" && (
        <span className="matched">
          <Icon name="check" small />
          {t.patient.matchedOn(matched)}
        </span>
      )}
    </section>
  );
}
