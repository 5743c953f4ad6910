/** One step of signing in: what went wrong, the fields, one button; and the form that asks for a code, which several steps share. */
import { type FormEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components/Form";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { useAttempt } from "./use_attempt.ts";

export function StepForm({ onSubmit, error, children }: { onSubmit: () => void; error: string | null; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Form className="gate-form" onSubmit={submit}>
      {error !== null && (
        <Note tone="bad" icon="warning" live>
          {error}
        </Note>
      )}
      {children}
    </Form>
  );
}

export interface CodeFormProps {
  readonly onCode: (code: string) => Promise<void>;
  /** Words for refusals beyond a wrong code, by the code of the problem. */
  readonly words?: Readonly<Record<string, string>>;
  /** Beside the button; it fills the width where there is nothing. */
  readonly beside?: ReactNode;
}

/** Six digits from an authenticator app. */
export function CodeForm({ onCode, words = {}, beside }: CodeFormProps) {
  const [code, setCode] = useState("");
  const attempt = useAttempt({ "wrong-code": t.factor.wrongCode, ...words });
  const button = (
    <Button type="submit" look="primary" wide={beside === undefined} busy={attempt.busy} isDisabled={code.length !== 6}>
      {t.factor.confirm}
    </Button>
  );
  return (
    <StepForm onSubmit={() => code.length === 6 && attempt.run(() => onCode(code))} error={attempt.error}>
      <Field
        label={t.factor.code}
        hint={t.factor.codeHint}
        value={code}
        onChange={(text) => setCode(text.replaceAll(/\D/g, "").slice(0, 6))}
        inputMode="numeric"
        autoComplete="one-time-code"
        autoFocus
      />
      {beside === undefined ? button : <div className="actions">{beside}{button}</div>}
    </StepForm>
  );
}
