/** Devices that were added in this person's name, which they have not said to be theirs: what a stranger's device would look like. */
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { Device } from "@wardline/api";
import type { AddedDevice } from "@wardline/messaging";
import { useApp, useTrust, useWorkspace } from "../../context.tsx";
import { momentName } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";

export function AddedDevices({ listed }: { listed: readonly Device[] }) {
  const { added } = useTrust();
  return added.filter((device) => !device.mine).map((device) => <Question key={device.device_id} added={device} listed={listed.find((one) => one.device_id === device.device_id)} />);
}

function Question({ added, listed }: { added: AddedDevice; listed: Device | undefined }) {
  const { api } = useApp();
  const { commands } = useWorkspace();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const act = async (remove: boolean) => {
    setBusy(true);
    try {
      if (remove) await api.revokeDevice(added.device_id);
      await commands.run("deviceIsMine", { deviceId: added.device_id });
      await queries.invalidateQueries({ queryKey: ["devices"] });
    } catch {
      setFailed(true);
      setBusy(false);
    }
  };
  const when = momentName(added.issued_at);
  const isGone = listed?.revoked_at !== undefined;
  return (
    <Note tone="warn" icon="warning">
      <p className="strong">{listed === undefined ? t.trust.unlisted : t.trust.newDevice(listed.name)}</p>
      <p>{listed === undefined ? t.trust.unlistedHint(when) : t.trust.newDeviceHint(when)}</p>
      {failed && <p role="alert">{t.common.failed}</p>}
      <div className="actions">
        {listed !== undefined && !isGone && (
          <Button look="danger" busy={busy} onPress={() => void act(true)}>
            {t.trust.notMine}
          </Button>
        )}
        <Button busy={busy} onPress={() => void act(false)}>
          {t.trust.mine}
        </Button>
      </div>
    </Note>
  );
}
