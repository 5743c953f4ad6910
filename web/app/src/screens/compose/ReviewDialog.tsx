/** The few questions before a first message: specific, about one person each, the safe answer first (SAF-4). */
import { useId, useState } from "react";
import type { StatedReason } from "@wardline/api";
import type { SendPrompt } from "@wardline/messaging";
import { isolated, personName, placeLine, roleLine } from "../../models/names.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { PersonRow } from "../directory/PersonRow.tsx";

export interface ReviewDialogProps {
  readonly prompts: readonly SendPrompt[];
  readonly busy: boolean;
  readonly error: string | null;
  /** With the reason, where one is asked for. */
  readonly onConfirm: (reason: StatedReason | null) => void;
  readonly onBack: () => void;
}

export function ReviewDialog({ prompts, busy, error, onConfirm, onBack }: ReviewDialogProps) {
  const [reason, setReason] = useState<StatedReason | null>(null);
  const needsReason = prompts.some((prompt) => prompt.kind === "reason");
  const people = prompts.flatMap((prompt) => ("person" in prompt && prompt.person !== null ? [prompt.person] : []));
  const only = new Set(people.map((person) => person.user_id)).size === 1 ? people[0] : undefined;
  return (
    <Dialog asks wide title={titleOf(prompts)} onClose={onBack}>
      {prompts.map((prompt, index) => (
        <Prompt key={index} prompt={prompt} isFirst={index === 0} reason={reason} onReason={setReason} />
      ))}
      {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
      <div className="actions">
        <Button autoFocus onPress={onBack}>
          {t.prompts.goBack}
        </Button>
        <Button look="primary" busy={busy} isDisabled={needsReason && reason === null} onPress={() => onConfirm(reason)}>
          {only === undefined ? t.prompts.confirmAll : t.prompts.confirm(personName(only), which(prompts))}
        </Button>
      </div>
    </Dialog>
  );
}

/** The question itself is the title: "There are 2 people called Anna Schmidt". */
function titleOf(prompts: readonly SendPrompt[]): string {
  const first = prompts[0]!;
  switch (first.kind) {
    case "look_alike":
      return first.sameName ? t.prompts.sameName(first.others.length + 1, personName(first.person)) : t.prompts.similarName(personName(first.person), personName(first.others[0]!));
    case "first_contact":
      return t.prompts.firstContact(personName(first.person));
    case "cross_service":
      return t.prompts.crossService;
    case "reason":
      return t.prompts.reason;
  }
}

function Prompt({ prompt, isFirst, reason, onReason }: { prompt: SendPrompt; isFirst: boolean; reason: StatedReason | null; onReason: (reason: StatedReason) => void }) {
  const heading = isFirst ? null : <h3>{titleOf([prompt])}</h3>;
  switch (prompt.kind) {
    case "look_alike":
      return (
        <section className="stack gap">
          {heading}
          <p>{differenceText(prompt)}</p>
          <div className="chosen-person">
            <PersonRow person={prompt.person} />
          </div>
          <h3>{t.prompts.others(prompt.others.length)}</h3>
          {prompt.others.map((other) => (
            <div key={other.user_id} className="other-person">
              <PersonRow person={other} />
            </div>
          ))}
        </section>
      );
    case "first_contact":
      return (
        <section className="stack gap">
          {heading}
          <p>{t.prompts.firstContactBody}</p>
          <div className="chosen-person">
            <PersonRow person={prompt.person} />
          </div>
        </section>
      );
    case "cross_service":
      return (
        <section className="stack gap">
          {heading}
          <p>{prompt.text}</p>
          {prompt.person !== null && <p className="muted small">{`${personName(prompt.person)} · ${placeLine(prompt.person)}`}</p>}
        </section>
      );
    case "reason":
      return (
        <section className="stack gap">
          {heading}
          {prompt.asked.map(({ text, people }) => (
            <p key={text}>
              {text} <span className="muted small">{people.map((person) => `${personName(person)} · ${placeLine(person)}`).join("; ")}</span>
            </p>
          ))}
          <ReasonPicker value={reason} onChange={onReason} />
        </section>
      );
  }
}

/** Words of a list: what somebody types could name a patient, and would stand in the audit log for years (AUD-3). */
function ReasonPicker({ value, onChange }: { value: StatedReason | null; onChange: (reason: StatedReason) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t.prompts.reasonLabel}</label>
      <select id={id} className="input select" value={value ?? ""} aria-describedby={`${id}-hint`} onChange={(event) => onChange(event.target.value as StatedReason)}>
        <option value="" disabled>
          {t.prompts.reasonPick}
        </option>
        {Object.entries(t.prompts.reasons).map(([reason, words]) => (
          <option key={reason} value={reason}>
            {words}
          </option>
        ))}
      </select>
      <span id={`${id}-hint`} className="hint">
        {t.prompts.reasonHint}
      </span>
    </div>
  );
}

type LookAlike = Extract<SendPrompt, { kind: "look_alike" }>;

function distinguishingFact({ differsBy, person }: LookAlike): string {
  switch (differsBy) {
    case "service":
      return isolated(person.service.name);
    case "role":
      return roleLine(person);
    case "location":
      return isolated(person.location.name);
    case "username":
      return person.username ?? person.user_id.slice(-6);
  }
}

const differenceText = (prompt: LookAlike) => t.prompts.thisOne[prompt.differsBy](distinguishingFact(prompt));

/** The button says which of the two, so that pressing it is an answer and not a habit. */
function which(prompts: readonly SendPrompt[]): string {
  const lookAlike = prompts.find((prompt) => prompt.kind === "look_alike");
  return lookAlike === undefined ? "" : t.prompts.which[lookAlike.differsBy](distinguishingFact(lookAlike));
}
