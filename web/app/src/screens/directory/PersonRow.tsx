/** A person with everything that tells them apart: role, service, place, duty (SAF-4). */
import type { ReactNode } from "react";
import type { Person } from "@wardline/api";
import { fullLine, initials, isOnCall, personName } from "../../models/names.ts";
import { Face } from "../../parts/Face.tsx";
import { t } from "../../text/index.ts";

export function PersonRow({ person, children }: { person: Person; children?: ReactNode }) {
  return (
    <div className="person-row">
      <Face text={initials(person.name)} kind="person" onCall={isOnCall(person)} />
      <span className="grow">
        <span className="line">
          <span className="whole strong">{personName(person)}</span>
          <PersonChips person={person} />
        </span>
        <span className="small muted whole block">{fullLine(person)}</span>
      </span>
      {children}
    </div>
  );
}

export function PersonChips({ person }: { person: Person }) {
  if (person.status === "inactive") return <span className="chip">{t.person.inactive}</span>;
  if (!person.has_device) return <span className="chip urgent">{t.person.noDevice}</span>;
  if (isOnCall(person)) return <span className="chip ok">{t.person.onCall}</span>;
  return null;
}
