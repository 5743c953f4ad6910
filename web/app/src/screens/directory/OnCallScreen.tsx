/** Who answers now, for each role, and one press to write to them (SAF-5). */
import { useQuery } from "@tanstack/react-query";
import type { OnCallRole } from "@wardline/api";
import { useApp, useNow, useWorkspace } from "../../context.tsx";
import { initials, isolated, personName } from "../../models/names.ts";
import { clockTime, untilTime } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Face } from "../../parts/Face.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Empty, Note, Waiting } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { useWriteTo } from "./use_write_to.ts";

export function useOnCall() {
  const { api } = useApp();
  return useQuery({ queryKey: ["on-call"], queryFn: () => api.onCall(), refetchInterval: 60_000 });
}

export default function OnCallScreen() {
  const found = useOnCall();
  return (
    <main id="content" className="page">
      <header className="page-head">
        <h1>{t.onCall.title}</h1>
        <p className="muted small">
          {t.onCall.hint} {found.isSuccess && t.onCall.asOf(clockTime(found.dataUpdatedAt * 1000))}
        </p>
      </header>
      <div className="page-body">
        {found.isError && <Note tone="bad" icon="warning" live>{t.common.failed}</Note>}
        {found.isPending && !found.isError && <Waiting />}
        {found.data?.roles.length === 0 && (
          <Empty icon="clock" title={t.onCall.empty}>
            <p>{t.onCall.emptyBody}</p>
          </Empty>
        )}
        <ul className="table">
          {found.data?.roles.map((role) => (
            <li key={role.role_id}>
              <Duty role={role} />
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}

function Duty({ role }: { role: OnCallRole }) {
  const now = useNow();
  const { me } = useWorkspace();
  const writeTo = useWriteTo();
  const person = role.now;
  return (
    <div className="duty-row">
      <span className="line">
        <Face text={initials(role.name)} kind="role" />
        <span className="stack truncate">
          <strong className="truncate">{isolated(role.name)}</strong>
          {role.service.name !== role.name && <span className="small muted truncate">{isolated(role.service.name)}</span>}
        </span>
      </span>
      {person === null ? (
        <span className="line gap warn-text">
          <Icon name="warning" small />
          <span>
            <strong>{t.onCall.nobody}.</strong> <span className="small">{t.onCall.nobodyBody}</span>
          </span>
        </span>
      ) : (
        <span className="stack truncate">
          <span className="strong truncate">{personName(person)}</span>
          <span className="small muted truncate numbers">
            {[isolated(person.role_title), untilTime(role.until_at, now)].filter(Boolean).join(" · ")}
          </span>
        </span>
      )}
      <span className="small faint truncate">{role.next !== null && t.onCall.next(personName(role.next))}</span>
      {person !== null && person.user_id !== me.userId && (
        <Button aria-label={t.onCall.write(role.name)} onPress={() => writeTo(person)}>
          {t.common.message}
        </Button>
      )}
      {person !== null && person.user_id === me.userId && <span className="chip ok">{t.common.you}</span>}
    </div>
  );
}
