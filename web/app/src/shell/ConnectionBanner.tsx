/** Says when what is on screen may be old, and since when; silent when all is well. */
import { useEffect, useState } from "react";
import { useConnection, useWorkspace } from "../context.tsx";
import { clockTime } from "../models/time.ts";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";
import { Button } from "react-aria-components/Button";

/** A reconnect that takes a blink is nobody's business. */
const PATIENCE_MILLISECONDS = 1500;

export function ConnectionBanner() {
  const workspace = useWorkspace();
  const { freshness, liveAt, fault } = useConnection();
  const isLate = useLater(freshness !== "live", PATIENCE_MILLISECONDS);
  if (fault) return <p className="banner bad" role="alert">{t.connection.fault}</p>;
  if (!isLate || freshness === "live") return null;
  if (freshness !== "offline") {
    return (
      <p className="banner" role="status">
        <span className="spinner" aria-hidden="true" />
        {freshness === "connecting" ? t.connection.connecting : t.connection.catchingUp}
      </p>
    );
  }
  return (
    <div className="banner warn" role="status">
      <Icon name="offline" small />
      <span>
        {t.connection.offline} {liveAt !== null && t.connection.staleSince(clockTime(liveAt * 1000))}
      </span>
      <Button className="link" onPress={() => workspace.nudge()}>
        {t.connection.again}
      </Button>
    </div>
  );
}

function useLater(condition: boolean, milliseconds: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(condition), condition ? milliseconds : 0);
    return () => clearTimeout(timer);
  }, [condition, milliseconds]);
  return late && condition;
}
