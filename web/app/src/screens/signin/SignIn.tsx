/** Password, then a second step; the first time, an activation code to set that step up (IAM-3). */
import { type FormEvent, type ReactNode, useState } from "react";
import { Form } from "react-aria-components/Form";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import type { FactorKind } from "@wardline/api";
import { passkeysAreAvailable, type SessionState } from "@wardline/messaging";
import { useApp } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Field } from "../../parts/Field.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { Card } from "./Card.tsx";
import { TotpKey } from "./TotpKey.tsx";
import { useAttempt } from "./use_attempt.ts";

type State<S extends SessionState["stage"]> = Extract<SessionState, { stage: S }>;

export default function SignIn({ state }: { state: State<"signed_out" | "second_factor" | "enrol" | "enrol_totp"> }) {
  switch (state.stage) {
    case "signed_out":
      return <Password state={state} />;
    case "second_factor":
      return <SecondFactor state={state} />;
    case "enrol":
      return <Enrol />;
    case "enrol_totp":
      return <EnrolTotp state={state} />;
  }
}

function Password({ state }: { state: State<"signed_out"> }) {
  const { session } = useApp();
  const attempt = useAttempt({ "wrong-credentials": t.signIn.wrong });
  const [username, setUsername] = useState(state.username);
  const [password, setPassword] = useState("");
  const submit = () => attempt.run(() => session.password(username.trim(), password));
  return (
    <Card title={t.signIn.title} intro={t.signIn.welcome}>
      {state.reason !== null && (
        <Note icon={state.reason === "revoked" ? "warning" : "lock"} tone={state.reason === "revoked" ? "warn" : "plain"}>
          {t.signIn.ended[state.reason]}
        </Note>
      )}
      <Steps onSubmit={submit} error={attempt.error}>
        <Field label={t.signIn.username} name="username" value={username} onChange={setUsername} autoComplete="username webauthn" autoFocus={username === ""} isRequired />
        <Field label={t.signIn.password} name="password" type="password" value={password} onChange={setPassword} autoComplete="current-password" autoFocus={username !== ""} isRequired />
        <Button type="submit" look="primary" wide busy={attempt.busy} isDisabled={username.trim() === "" || password === ""}>
          {t.signIn.next}
        </Button>
      </Steps>
    </Card>
  );
}

function SecondFactor({ state }: { state: State<"second_factor"> }) {
  const { session } = useApp();
  const { factors, webauthn } = state.answer;
  const hasPasskey = factors.includes("webauthn") && webauthn !== undefined && passkeysAreAvailable();
  const [way, setWay] = useState<FactorKind>(hasPasskey ? "webauthn" : "totp");
  const [code, setCode] = useState("");
  const attempt = useAttempt({ "401": t.factor.wrongCode, "wrong-code": t.factor.wrongCode, "sign-in-expired": t.factor.gone });
  const canSwitch = hasPasskey && factors.includes("totp");
  return (
    <Card title={t.factor.title}>
      {way === "webauthn" ? (
        <Steps onSubmit={() => attempt.run(() => session.passkey())} error={attempt.error}>
          <p className="muted">{t.factor.passkeyHint}</p>
          <Button type="submit" look="primary" icon="key" wide busy={attempt.busy} autoFocus>
            {t.factor.passkey}
          </Button>
        </Steps>
      ) : (
        <Steps onSubmit={() => attempt.run(() => session.totp(code))} error={attempt.error}>
          <CodeField value={code} onChange={setCode} />
          <Button type="submit" look="primary" wide busy={attempt.busy} isDisabled={!/^\d{6}$/.test(code)}>
            {t.factor.confirm}
          </Button>
        </Steps>
      )}
      <div className="gate-more">
        {canSwitch && (
          <Button look="quiet" onPress={() => setWay(way === "webauthn" ? "totp" : "webauthn")}>
            {way === "webauthn" ? t.factor.useCode : t.factor.usePasskey}
          </Button>
        )}
        <Button look="quiet" onPress={() => session.back()}>
          {t.factor.startOver}
        </Button>
      </div>
    </Card>
  );
}

function Enrol() {
  const { session } = useApp();
  const [code, setCode] = useState("");
  const [factor, setFactor] = useState<FactorKind>(passkeysAreAvailable() ? "webauthn" : "totp");
  const attempt = useAttempt({ "wrong-activation-code": t.enrol.wrongActivation, "401": t.enrol.wrongActivation });
  return (
    <Card title={t.enrol.title} intro={t.enrol.intro}>
      <Steps onSubmit={() => attempt.run(() => session.enrol(code.trim(), factor))} error={attempt.error}>
        <Field label={t.enrol.activation} hint={t.enrol.activationHint} value={code} onChange={setCode} autoComplete="off" autoFocus isRequired />
        <RadioGroup className="choices" aria-label={t.enrol.choose} value={factor} onChange={(next) => setFactor(next as FactorKind)}>
          {passkeysAreAvailable() && (
            <Radio value="webauthn" className="choice">
              <Icon name="key" />
              <span className="stack">
                <strong>{t.enrol.passkeyTitle}</strong>
                <span className="small muted">{t.enrol.passkeyHint}</span>
              </span>
            </Radio>
          )}
          <Radio value="totp" className="choice">
            <Icon name="device" />
            <span className="stack">
              <strong>{t.enrol.totpTitle}</strong>
              <span className="small muted">{t.enrol.totpHint}</span>
            </span>
          </Radio>
        </RadioGroup>
        <Button type="submit" look="primary" wide busy={attempt.busy} isDisabled={code.trim() === ""}>
          {t.enrol.create}
        </Button>
      </Steps>
      <div className="gate-more">
        <Button look="quiet" onPress={() => session.back()}>
          {t.factor.startOver}
        </Button>
      </div>
    </Card>
  );
}

function EnrolTotp({ state }: { state: State<"enrol_totp"> }) {
  const { session } = useApp();
  const [code, setCode] = useState("");
  const attempt = useAttempt({ "wrong-code": t.factor.wrongCode, "401": t.factor.wrongCode });
  return (
    <Card title={t.enrol.totpTitle} intro={t.enrol.totpScan}>
      <TotpKey creation={state.creation} />
      <Steps onSubmit={() => attempt.run(() => session.confirmTotp(code))} error={attempt.error}>
        <CodeField value={code} onChange={setCode} />
        <Button type="submit" look="primary" wide busy={attempt.busy} isDisabled={!/^\d{6}$/.test(code)}>
          {t.factor.confirm}
        </Button>
      </Steps>
      <div className="gate-more">
        <Button look="quiet" onPress={() => session.back()}>
          {t.factor.startOver}
        </Button>
      </div>
    </Card>
  );
}

function CodeField({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  return (
    <Field
      label={t.factor.code}
      hint={t.factor.codeHint}
      value={value}
      onChange={(text) => onChange(text.replaceAll(/\D/g, "").slice(0, 6))}
      inputMode="numeric"
      autoComplete="one-time-code"
      autoFocus
    />
  );
}

function Steps({ onSubmit, error, children }: { onSubmit: () => void; error: string | null; children: ReactNode }) {
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
