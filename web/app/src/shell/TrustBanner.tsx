/** Says loudly when devices cannot be trusted and sending is on hold; asks about devices that were added in one's own name. */
import { useState } from "react";
import { Link, useRouterState } from "@tanstack/react-router";
import { useTrust, useWorkspace } from "../context.tsx";
import { momentName } from "../models/time.ts";
import { Button } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";

export function TrustBanner() {
  const { alarm, added } = useTrust();
  // The screen of devices asks by itself.
  const isAskedThere = useRouterState({ select: (state) => state.location.pathname === "/security" });
  const asked = isAskedThere ? [] : added.filter((device) => !device.mine);
  return (
    <>
      {alarm !== null && (
        <div className="banner bad tall" role="alert">
          <Icon name="warning" />
          <div className="stack">
            <p className="strong">{t.trust.alarmTitle}</p>
            <p>
              {alarm === "members-differ" ? t.trust.alarm.differ : t.trust.alarm.changed} <strong>{t.trust.todo}</strong>
            </p>
          </div>
          <CheckAgain />
        </div>
      )}
      {asked.length > 0 && (
        <div className="banner warn" role="status">
          <Icon name="device" small />
          <span>{asked.length === 1 ? t.trust.added(momentName(asked[0]!.issued_at)) : t.trust.addedMany(asked.length)}</span>
          <Link to="/security" className="link">
            {t.trust.look}
          </Link>
        </div>
      )}
    </>
  );
}

/** Asks the server anew; what is held goes out if all is well. */
export function CheckAgain() {
  const { commands } = useWorkspace();
  const [busy, setBusy] = useState(false);
  const check = () => {
    setBusy(true);
    void commands.run("checkDeviceLog", null).catch(() => undefined).finally(() => setBusy(false));
  };
  return (
    <Button busy={busy} onPress={check}>
      {t.trust.again}
    </Button>
  );
}
