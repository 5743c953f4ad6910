/** What happens between signing in and the inbox, step by step, and what to do when a step fails. */
import type { SessionState, SetupStep } from "@wardline/messaging";
import { useApp } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { Card } from "./Card.tsx";
import { useAttempt } from "./use_attempt.ts";

const STEPS: readonly SetupStep[] = ["key", "register", "store", "join"];

export default function SetUp({ state }: { state: Extract<SessionState, { stage: "setting_up" | "device_lost" }> }) {
  return state.stage === "device_lost" ? <Lost reason={state.reason} /> : <Progress state={state} />;
}

function Progress({ state }: { state: Extract<SessionState, { stage: "setting_up" }> }) {
  const { session } = useApp();
  const at = STEPS.indexOf(state.step);
  return (
    <Card title={t.setup.title}>
      <p className="visually-hidden" role="status">
        {t.setup.steps[state.step]}
      </p>
      <ol className="setup-steps">
        {STEPS.map((step, index) => (
          <li key={step} className={index < at ? "done" : index === at ? "now" : ""} aria-current={index === at ? "step" : undefined}>
            <span className="setup-mark">{index < at ? <Icon name="check" small /> : index === at && state.failed === null && <span className="spinner" aria-hidden="true" />}</span>
            {t.setup.steps[step]}
          </li>
        ))}
      </ol>
      {state.failed !== null && (
        <>
          <Note tone="bad" icon="warning" live>
            {state.failed === "refused" ? t.setup.failedRefused : t.setup.failedUnreachable}
          </Note>
          <Button look="primary" wide onPress={() => void session.retry()}>
            {t.common.tryAgain}
          </Button>
        </>
      )}
    </Card>
  );
}

function Lost({ reason }: { reason: "revoked" | "unreadable" }) {
  const { session } = useApp();
  const attempt = useAttempt();
  return (
    <Card title={t.setup.lostTitle}>
      <p>{reason === "revoked" ? t.setup.lostRevoked : t.setup.lostUnreadable}</p>
      <p className="muted">{reason === "revoked" ? t.setup.lostRevokedBody : t.setup.lostBody}</p>
      {attempt.error !== null && (
        <Note tone="bad" icon="warning" live>
          {attempt.error}
        </Note>
      )}
      <Button look="primary" wide busy={attempt.busy} onPress={() => attempt.run(() => session.replaceDevice())}>
        {reason === "revoked" ? t.setup.setUpAgain : t.setup.replace}
      </Button>
    </Card>
  );
}
