/** Go anywhere: conversations and places at once, people and roles as one types. Arrow keys choose, Enter goes. */
import { type KeyboardEvent, useState } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { Person } from "@wardline/api";
import { useApp, useWorkspace } from "../context.tsx";
import { fullLine, initials, isolated, isOnCall, personName } from "../models/names.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Face, type FaceProps } from "../parts/Face.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";
import { useSections } from "./sections.tsx";
import { useOnCall } from "../screens/directory/OnCallScreen.tsx";
import { usePeople } from "../screens/directory/use_people.ts";
import { useWriteTo } from "../screens/directory/use_write_to.ts";

interface Goal {
  readonly key: string;
  readonly group: keyof typeof t.palette.groups;
  readonly title: string;
  readonly sub: string;
  readonly face?: FaceProps;
  readonly icon?: IconName;
  readonly go: () => void;
}

const SHOWN = 5;

export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { goals, search } = useGoals(text.trim(), onHelp);
  const chosen = goals[Math.min(at, goals.length - 1)];
  const go = (goal: Goal | undefined) => {
    if (goal === undefined) return;
    onClose();
    goal.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = (Math.min(at, goals.length - 1) + step + goals.length) % Math.max(1, goals.length);
      setAt(next);
      document.getElementById(`goal-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(chosen);
    }
  };
  return (
    <Dialog wide title={t.palette.title} onClose={onClose}>
      <div className="search">
        <Icon name="search" small />
        <input
          className="input"
          role="combobox"
          aria-expanded="true"
          aria-controls="goals"
          aria-activedescendant={chosen === undefined ? undefined : `goal-${goals.indexOf(chosen)}`}
          aria-label={t.palette.placeholder}
          placeholder={t.palette.placeholder}
          value={text}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id="goals" role="listbox" aria-label={t.palette.title} className="options goals">
        {goals.map((goal, index) => (
          <li key={goal.key} id={`goal-${index}`} role="option" aria-selected={goal === chosen} className="option" onClick={() => go(goal)} onPointerMove={() => setAt(index)}>
            {goal.face !== undefined ? <Face {...goal.face} size="s" /> : <span className="face s role">{goal.icon !== undefined && <Icon name={goal.icon} small />}</span>}
            <span className="grow">
              <span className="strong truncate block">{goal.title}</span>
              <span className="small muted truncate block">{goal.sub}</span>
            </span>
            <span className="tiny faint">{t.palette.groups[goal.group]}</span>
          </li>
        ))}
      </ul>
      <p className="small muted" role="status">{search === "failed" ? t.people.unanswered : goals.length > 0 ? t.palette.hint : search === "under way" ? t.palette.searching : t.palette.empty}</p>
    </Dialog>
  );
}

/** How far the search in the directory is, which takes longer than the rest. */
type Search = "none" | "under way" | "done" | "failed";

function useGoals(text: string, onHelp: () => void): { goals: Goal[]; search: Search } {
  const { session } = useApp();
  const navigate = useNavigate();
  const { me } = useWorkspace();
  const writeTo = useWriteTo();
  const directory = usePeople(text, { browses: false });
  const onCall = useOnCall();
  const fits = (...words: string[]) => words.join(" ").toLowerCase().includes(text.toLowerCase());

  const conversations = useSections()
    .flatMap((section) => section.rows)
    .filter((row) => fits(row.title, row.subtitle))
    .slice(0, SHOWN)
    .map((row): Goal => ({
      key: row.id, group: "conversations", title: row.title, sub: row.subtitle, face: row.face,
      go: () => void navigate({ to: "/c/$conversationId", params: { conversationId: row.id } }),
    }));
  const roles = (onCall.data?.roles ?? [])
    .filter((role) => role.now !== null && role.now.user_id !== me.userId && fits(role.name, role.service.name))
    .slice(0, SHOWN)
    .map((role): Goal => ({ key: role.role_id, group: "roles", title: isolated(role.name), sub: personName(role.now!), face: { text: initials(role.name), kind: "role" }, go: () => writeTo(role.now!) }));
  const people = (directory.isAnswered ? directory.people : [])
    .filter((person) => person.user_id !== me.userId && person.has_device)
    .slice(0, SHOWN)
    .map((person): Goal => personGoal(person, writeTo));
  const places: Goal[] = (
    [
      ["write", t.nav.newMessage, () => void navigate({ to: "/new" })],
      ["patients", t.nav.patients, () => void navigate({ to: "/patients" })],
      ["clock", t.nav.onCall, () => void navigate({ to: "/on-call" })],
      ["people", t.nav.people, () => void navigate({ to: "/people" })],
      ["shield", t.nav.security, () => void navigate({ to: "/security" })],
      ["keyboard", t.security.shortcuts, onHelp],
      ["lock", t.nav.lock, () => void session.end("locked")],
      ["leave", t.nav.signOut, () => void session.end("signed-out")],
    ] as const
  )
    .filter(([, title]) => fits(title))
    .map(([icon, title, go]): Goal => ({ key: title, group: "places", title, sub: "", icon, go }));
  const goals = text === "" ? [...conversations, ...roles, ...places] : [...roles, ...conversations, ...people, ...places];
  const search = text === "" ? "none" : directory.isError ? "failed" : directory.isAnswered && !directory.isFetching ? "done" : "under way";
  return { goals, search };
}

const personGoal = (person: Person, writeTo: (person: Person) => void): Goal => ({
  key: person.user_id,
  group: "people",
  title: personName(person),
  sub: fullLine(person),
  face: { text: initials(person.name), kind: "person", onCall: isOnCall(person) },
  go: () => writeTo(person),
});
