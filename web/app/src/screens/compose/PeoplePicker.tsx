/** Choosing recipients: chips for those chosen, then who is on call, then the directory as one types (CH-10, SAF-4). */
import { useId, useRef, useState } from "react";
import type { OnCallRole, Person } from "@wardline/api";
import { Button as Press } from "react-aria-components/Button";
import { useNow, useWorkspace } from "../../context.tsx";
import { fullLine, initials, isolated, isOnCall, personName, placeLine } from "../../models/names.ts";
import { untilTime } from "../../models/time.ts";
import { Face } from "../../parts/Face.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";
import { useOnCall } from "../directory/OnCallScreen.tsx";
import { PersonChips } from "../directory/PersonRow.tsx";
import { usePeople } from "../directory/use_people.ts";

export interface PeoplePickerProps {
  readonly chosen: readonly Person[];
  readonly exclude?: readonly string[];
  readonly label: string;
  readonly onAdd: (person: Person) => void;
  readonly onRemove: (userId: string) => void;
  /** Suggests on-call roles and people before anything is typed. */
  readonly suggests?: boolean;
}

export function PeoplePicker({ chosen, exclude = [], label, onAdd, onRemove, suggests = true }: PeoplePickerProps) {
  const { me } = useWorkspace();
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const isSuggesting = suggests && chosen.length === 0;
  const found = usePeople(text.trim(), { browses: isSuggesting });
  const isSearching = found.asked !== "";
  const hidden = new Set([me.userId, ...exclude, ...chosen.map((person) => person.user_id)]);
  const people = found.people.filter((person) => !hidden.has(person.user_id)).slice(0, isSearching ? 12 : 6);
  // Enter takes who is first in what was typed, never somebody left over from before the last letters (SAF-4).
  const isAnswered = isSearching && found.isAnswered;
  const first = isAnswered && people[0] !== undefined && canBeReached(people[0]) ? people[0] : undefined;
  const add = (person: Person) => {
    onAdd(person);
    setText("");
    input.current?.focus();
  };
  return (
    <div className="picker">
      <div className="picker-box">
        <label className="tiny faint" htmlFor={id}>
          {label}
        </label>
        {chosen.map((person) => (
          <span key={person.user_id} className={isOnCall(person) ? "chip big ok" : "chip big"}>
            <span>
              {personName(person)}
              <span className="weak wide-only"> {isOnCall(person) ? t.person.onCallFor(isolated(person.on_call[0]!.name)) : placeLine(person)}</span>
            </span>
            <Press className="chip-x" aria-label={t.compose.remove(person.name)} onPress={() => onRemove(person.user_id)}>
              <Icon name="close" small />
            </Press>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          className="picker-input"
          value={text}
          placeholder={chosen.length === 0 ? t.compose.toHint : ""}
          autoComplete="off"
          spellCheck={false}
          autoFocus={chosen.length === 0}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            // Of an input method: it ends a word, and chooses nobody.
            if (event.nativeEvent.isComposing) return;
            if (event.key === "Enter") {
              event.preventDefault();
              if (first !== undefined) add(first);
            }
            if (event.key === "Backspace" && text === "" && chosen.length > 0) onRemove(chosen.at(-1)!.user_id);
          }}
        />
      </div>
      {isSuggesting && !isSearching && <OnCallNow hidden={hidden} onAdd={add} />}
      {(isSearching || isSuggesting) && (
        <ul className="options" aria-label={t.compose.directory}>
          {people.length > 0 && <li className="list-title">{t.compose.directory}</li>}
          {people.map((person) => (
            <li key={person.user_id}>
              <Press className="option" isDisabled={!canBeReached(person)} onPress={() => add(person)}>
                <Face text={initials(person.name)} kind="person" size="s" onCall={isOnCall(person)} />
                <span className="grow">
                  <span className="line">
                    <span className="whole strong">{personName(person)}</span>
                    <PersonChips person={person} />
                  </span>
                  <span className="small muted whole block">{fullLine(person)}</span>
                </span>
                {person === first && <kbd className="wide-only">{t.compose.enter}</kbd>}
              </Press>
            </li>
          ))}
          {isAnswered && people.length === 0 && <li className="muted small pad">{t.compose.noMatch}</li>}
          {found.isError && (
            <li className="muted small pad">
              <span role="alert">{t.people.unanswered}</span>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

const canBeReached = (person: Person) => person.has_device && person.status === "active";

function OnCallNow({ hidden, onAdd }: { hidden: ReadonlySet<string>; onAdd: (person: Person) => void }) {
  const now = useNow();
  const roles = useOnCall().data?.roles.filter((role): role is OnCallRole & { now: Person } => role.now !== null && !hidden.has(role.now.user_id)) ?? [];
  if (roles.length === 0) return null;
  return (
    <ul className="options" aria-label={t.compose.onCallNow}>
      <li className="list-title">{t.compose.onCallNow}</li>
      {roles.map((role) => (
        <li key={role.role_id}>
          <Press className="option" onPress={() => onAdd(role.now)}>
            <Face text={initials(role.name)} kind="role" size="s" />
            <span className="grow">
              <span className="strong truncate block">{isolated(role.name)}</span>
              <span className="small muted truncate block numbers">
                {[personName(role.now), untilTime(role.until_at, now)].filter(Boolean).join(" · ")}
              </span>
            </span>
          </Press>
        </li>
      ))}
    </ul>
  );
}
