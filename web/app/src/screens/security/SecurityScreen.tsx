/** My devices, my ways to sign in, and the ways out. */
import { lazy, Suspense, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { isProblem, type Device, type Factor } from "@wardline/api";
import { useApp, useWorkspace } from "../../context.tsx";
import { initials, placeLine } from "../../models/names.ts";
import { fullDate } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Face } from "../../parts/Face.tsx";
import { Icon, type IconName } from "../../parts/Icon.tsx";
import { Note, Waiting } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { AddedDevices } from "./AddedDevices.tsx";
import { AddFactor } from "./AddFactor.tsx";

const KeyHelp = lazy(() => import("../../shell/KeyHelp.tsx"));

export default function SecurityScreen() {
  const { session } = useApp();
  const [showsKeys, setShowsKeys] = useState(false);
  const { user } = useWorkspace().session;
  return (
    <main id="content" className="page narrow">
      <header className="page-head">
        <h1>{t.security.title}</h1>
      </header>
      <div className="page-body">
        <div className="card rows">
          <div className="person-row">
            <Face text={initials(user.name)} kind="person" />
            <span className="grow">
              <span className="small muted block">{t.security.signedInAs}</span>
              <span className="strong truncate block">{user.name}</span>
              <span className="small muted truncate block">{placeLine(user)}</span>
            </span>
          </div>
        </div>
        <Devices />
        <Factors />
        <section className="stack gap">
          <h2>{t.security.session}</h2>
          <div className="card rows">
            <Exit icon="lock" label={t.nav.lock} hint={t.security.lockHint} onPress={() => void session.end("locked")} />
            <Exit icon="leave" label={t.nav.signOut} hint={t.security.signOutHint} onPress={() => void session.end("signed-out")} />
            <Exit icon="keyboard" wideOnly label={t.security.shortcuts} hint={t.security.shortcutsHint} onPress={() => setShowsKeys(true)} />
          </div>
        </section>
        <Suspense>{showsKeys && <KeyHelp onClose={() => setShowsKeys(false)} />}</Suspense>
      </div>
    </main>
  );
}

function Exit({ icon, label, hint, onPress, wideOnly = false }: { icon: IconName; label: string; hint: string; onPress: () => void; wideOnly?: boolean }) {
  return (
    <div className={wideOnly ? "person-row wide-only" : "person-row"}>
      <Icon name={icon} />
      <span className="grow small muted">{hint}</span>
      <Button onPress={onPress}>{label}</Button>
    </div>
  );
}

function Devices() {
  const { api } = useApp();
  const { me } = useWorkspace();
  const devices = useQuery({ queryKey: ["devices"], queryFn: () => api.devices() });
  const [leaving, setLeaving] = useState<Device | null>(null);
  const sorted = [...(devices.data?.devices ?? [])].sort((left, right) => Number(right.device_id === me.deviceId) - Number(left.device_id === me.deviceId) || right.last_seen_at - left.last_seen_at);
  return (
    <section className="stack gap">
      <h2>{t.security.devices}</h2>
      <p className="muted small">{t.security.devicesHint}</p>
      {devices.isPending && <Waiting />}
      {devices.isError && <Note tone="bad" icon="warning" live>{t.common.failed}</Note>}
      <AddedDevices listed={sorted} />
      <ul className="card rows">
        {sorted.map((device) => (
          <li key={device.device_id} className={device.revoked_at === undefined ? "person-row" : "person-row gone"}>
            <Icon name={deviceIcon(device.name)} />
            <span className="grow">
              <span className="line">
                <span className="strong truncate">{device.name}</span>
                {device.device_id === me.deviceId && <span className="chip brand">{t.security.thisDevice}</span>}
              </span>
              <span className="small muted block numbers unbroken">
                {device.revoked_at === undefined ? (
                  <>
                    <span>{t.security.added(fullDate(device.created_at))},</span> <span>{t.security.seen(fullDate(device.last_seen_at))}</span>
                  </>
                ) : (
                  t.security.removed(fullDate(device.revoked_at))
                )}
              </span>
            </span>
            {device.revoked_at === undefined && device.device_id !== me.deviceId && (
              <Button look="danger" onPress={() => setLeaving(device)}>
                {t.security.revoke}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {leaving !== null && (
        <Confirm
          title={t.security.revokeTitle(leaving.name)}
          body={t.security.revokeBody}
          confirm={t.security.revoke}
          act={() => api.revokeDevice(leaving.device_id)}
          refresh="devices"
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  );
}

/** Names of devices are those that describeBrowser gives. */
const deviceIcon = (name: string) => (/iPhone|iPad|Android/.test(name) ? "device" : "computer");

function Factors() {
  const { api } = useApp();
  const factors = useQuery({ queryKey: ["factors"], queryFn: () => api.factors() });
  const [leaving, setLeaving] = useState<Factor | null>(null);
  const all = factors.data?.factors ?? [];
  return (
    <section className="stack gap">
      <h2>{t.security.factors}</h2>
      <p className="muted small">{t.security.factorsHint}</p>
      <ul className="card rows">
        {all.map((factor) => (
          <li key={factor.factor_id} className="person-row">
            <Icon name={factor.kind === "webauthn" ? "key" : "device"} />
            <span className="grow">
              <span className="strong truncate block">{factor.name || t.security.kinds[factor.kind]}</span>
              <span className="small muted block numbers">
                {[...(factor.name === "" || factor.name === t.security.kinds[factor.kind] ? [] : [t.security.kinds[factor.kind]]), t.security.added(fullDate(factor.created_at))].join(" · ")}
              </span>
            </span>
            {all.length > 1 ? (
              <Button look="danger" onPress={() => setLeaving(factor)}>
                {t.security.removeFactor}
              </Button>
            ) : (
              <span className="small faint">{t.security.lastFactor}</span>
            )}
          </li>
        ))}
      </ul>
      <AddFactor />
      {leaving !== null && (
        <Confirm
          title={t.security.removeFactorTitle(leaving.name || t.security.kinds[leaving.kind])}
          body={t.security.removeFactorBody}
          confirm={t.security.removeFactor}
          act={() => api.removeFactor(leaving.factor_id)}
          refresh="factors"
          onClose={() => setLeaving(null)}
        />
      )}
    </section>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
  readonly act: () => Promise<void>;
  readonly refresh: string;
  readonly onClose: () => void;
}

function Confirm({ title, body, confirm, act, refresh, onClose }: ConfirmProps) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async () => {
    setBusy(true);
    try {
      await act();
      await queries.invalidateQueries({ queryKey: [refresh] });
      onClose();
    } catch (caught) {
      setError(isProblem(caught) ? t.common.refused(caught.body.detail ?? caught.body.title) : t.common.failed);
      setBusy(false);
    }
  };
  return (
    <Dialog asks title={title} onClose={onClose}>
      <p>{body}</p>
      {error !== null && <Note tone="bad" icon="warning" live>{error}</Note>}
      <div className="actions">
        <Button autoFocus onPress={onClose}>
          {t.security.revokeKeep}
        </Button>
        <Button look="danger" busy={busy} onPress={() => void run()}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
