/** The directory: by name, service and duty. */
import { useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { DirectoryQuery } from "@wardline/api";
import { useApp } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Tick } from "../../parts/Choices.tsx";
import { SearchBox } from "../../parts/Field.tsx";
import { Empty, Note, Waiting } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { PersonRow } from "./PersonRow.tsx";
import { usePeople } from "./use_people.ts";
import { useWriteTo } from "./use_write_to.ts";

export default function PeopleScreen() {
  const [text, setText] = useState("");
  const [serviceId, setServiceId] = useState("");
  const [onlyOnCall, setOnlyOnCall] = useState(false);
  const filters: Omit<DirectoryQuery, "query"> = {
    ...(serviceId !== "" && { service_id: serviceId }),
    ...(onlyOnCall && { on_call: true as const }),
  };
  const found = usePeople(text.trim(), { filters });
  const writeTo = useWriteTo();
  return (
    <main id="content" className="page">
      <header className="page-head">
        <h1>{t.people.title}</h1>
        <div className="filters">
          <SearchBox label={t.people.search} value={text} onChange={setText} autoFocus />
          <ServicePicker value={serviceId} onChange={setServiceId} />
          <Tick isSelected={onlyOnCall} onChange={setOnlyOnCall}>
            {t.people.onlyOnCall}
          </Tick>
        </div>
      </header>
      <div className="page-body">
        {found.isAnswered && <p className="visually-hidden" role="status">{t.people.results(found.people.length)}</p>}
        {found.isError && <Note tone="bad" icon="warning" live>{t.people.unanswered}</Note>}
        {found.isPending && !found.isError && <Waiting />}
        {found.isAnswered && found.people.length === 0 && (
          <Empty icon="people" title={t.people.empty}>
            <p>{t.people.emptyBody}</p>
          </Empty>
        )}
        <ul className="table" aria-label={t.people.title} aria-busy={found.isFetching}>
          {found.people.map((person) => (
            <li key={person.user_id}>
              <PersonRow person={person}>
                <Button aria-label={`${t.common.message} ${person.name}`} isDisabled={!person.has_device || person.status === "inactive"} onPress={() => writeTo(person)}>
                  {t.common.message}
                </Button>
              </PersonRow>
            </li>
          ))}
        </ul>
        {found.hasNextPage && (
          <Button busy={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
            {t.people.more}
          </Button>
        )}
      </div>
    </main>
  );
}

/** A plain select: the platform's own picker is the best one on a phone. */
function ServicePicker({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { api } = useApp();
  const services = useQuery({ queryKey: ["services"], queryFn: () => api.services(), staleTime: 3_600_000 });
  return (
    <select className="input select" aria-label={t.people.service} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{t.people.allServices}</option>
      {services.data?.services.map((service) => (
        <option key={service.id} value={service.id}>
          {service.name}
        </option>
      ))}
    </select>
  );
}
