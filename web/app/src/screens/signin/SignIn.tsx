/** Password, then a second step; the first time, an activation code to set that step up (IAM-3). */
import { type ReactNode, useState } from "react";
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
import { CodeForm, StepForm } from "./StepForm.tsx";
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
      <StepForm onSubmit={submit} error={attempt.error}>
        <Field label={t.signIn.username} name="username" value={username} onChange={setUsername} autoComplete="username webauthn" autoFocus={username === ""} isRequired />
        <Field label={t.signIn.password} name="password" type="password" value={password} onChange={setPassword} autoComplete="current-password" autoFocus={username !== ""} isRequired />
        <Button type="submit" look="primary" wide busy={attempt.busy} isDisabled={username.trim() === "" || password === ""}>
          {t.signIn.next}
        </Button>
      </StepForm>
      <p className="small faint">{t.signIn.help}</p>
    </Card>
  );
}

function SecondFactor({ state }: { state: State<"second_factor"> }) {
  const { session } = useApp();
  const { factors, webauthn } = state.answer;
  const hasPasskey = factors.includes("webauthn") && webauthn !== undefined && passkeysAreAvailable();
  const [way, setWay] = useState<FactorKind>(hasPasskey ? "webauthn" : "totp");
  const canSwitch = hasPasskey && factors.includes("totp");
  return (
    <Card title={t.factor.title}>
      {way === "webauthn" ? <UsePasskey /> : <CodeForm onCode={(code) => session.totp(code)} words={{ "401": t.factor.wrongCode, "sign-in-expired": t.factor.gone }} />}
      <Otherwise>
        {canSwitch && (
          <Button look="quiet" onPress={() => setWay(way === "webauthn" ? "totp" : "webauthn")}>
            {way === "webauthn" ? t.factor.useCode : t.factor.usePasskey}
          </Button>
        )}
      </Otherwise>
    </Card>
  );
}

function UsePasskey() {
  const { session } = useApp();
  const attempt = useAttempt({ "webauthn-failed": t.factor.passkeyCancelled });
  return (
    <StepForm onSubmit={() => attempt.run(() => session.passkey())} error={attempt.error}>
      <p className="muted">{t.factor.passkeyHint}</p>
      <Button type="submit" look="primary" icon="key" wide busy={attempt.busy} autoFocus>
        {t.factor.passkey}
      </Button>
    </StepForm>
  );
}

function Enrol() {
  const { session } = useApp();
  const [code, setCode] = useState("");
  const [factor, setFactor] = useState<FactorKind>(passkeysAreAvailable() ? "webauthn" : "totp");
  const attempt = useAttempt({ "wrong-activation-code": t.enrol.wrongActivation, "401": t.enrol.wrongActivation });
  return (
    <Card title={t.enrol.title} intro={t.enrol.intro}>
      <StepForm onSubmit={() => attempt.run(() => session.enrol(code.trim(), factor))} error={attempt.error}>
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
      </StepForm>
      <Otherwise />
    </Card>
  );
}

function EnrolTotp({ state }: { state: State<"enrol_totp"> }) {
  const { session } = useApp();
  return (
    <Card title={t.enrol.totpTitle} intro={t.enrol.totpScan}>
      <TotpKey creation={state.creation} />
      <CodeForm onCode={(code) => session.confirmTotp(code)} words={{ "401": t.factor.wrongCode }} />
      <Otherwise />
    </Card>
  );
}

/** Other ways than the one on screen; beginning anew is always one. */
function Otherwise({ children }: { children?: ReactNode }) {
  const { session } = useApp();
  return (
    <div className="gate-more">
      {children}
      <Button look="quiet" onPress={() => session.back()}>
        {t.factor.startOver}
      </Button>
    </div>
  );
}
