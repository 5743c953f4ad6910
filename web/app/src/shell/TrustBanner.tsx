/** Says loudly when devices cannot be trusted and sending is on hold; asks about devices that were added in one's own name. */
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { Button } from "react-aria-components/Button";
import { useTrust, useWorkspace } from "../context.tsx";
import { fullDate } from "../models/time.ts";
import { Icon } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";

export function TrustBanner() {
  const { alarm, added } = useTrust();
  const asked = added.filter((device) => !device.mine);
  return (
    <>
      {alarm !== null && (
        <div className="banner bad tall" role="alert">
          <Icon name="warning" />
          <p>
            <strong>{t.trust.alarmTitle}.</strong> {alarm === "members-differ" ? t.trust.alarm.differ : t.trust.alarm.changed} <CheckAgain />
          </p>
        </div>
      )}
      {asked.length > 0 && (
        <div className="banner warn" role="status">
          <Icon name="device" small />
          <span>{asked.length === 1 ? t.trust.added(fullDate(asked[0]!.issued_at)) : t.trust.addedMany(asked.length)}</span>
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
    <Button className="link" isDisabled={busy} onPress={check}>
      {t.trust.again}
    </Button>
  );
}
