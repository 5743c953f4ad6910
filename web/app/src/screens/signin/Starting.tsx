/** Before anything is known. */
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { Card } from "./Card.tsx";

export function Starting() {
  return (
    <Card>
      <p className="line muted" role="status">
        <span className="spinner" aria-hidden="true" />
        {t.signIn.starting}
      </p>
    </Card>
  );
}

export function Unreachable({ onRetry }: { onRetry: () => void }) {
  return (
    <Card title={t.signIn.unreachable}>
      <Note icon="offline">{t.signIn.unreachableBody}</Note>
      <Button look="primary" wide onPress={onRetry}>
        {t.common.tryAgain}
      </Button>
    </Card>
  );
}
