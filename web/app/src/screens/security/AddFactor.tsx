/** Another passkey or authenticator app, so that losing one does not lock anybody out. */
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import type { TotpCreation } from "@wardline/api";
import { createPasskey, describeBrowser, passkeysAreAvailable } from "@wardline/messaging";
import { useApp } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Note } from "../../parts/Small.tsx";
import { t } from "../../text/index.ts";
import { CodeForm } from "../signin/StepForm.tsx";
import { TotpKey } from "../signin/TotpKey.tsx";
import { useAttempt } from "../signin/use_attempt.ts";

export function AddFactor() {
  const { api } = useApp();
  const queries = useQueryClient();
  const attempt = useAttempt();
  const [creation, setCreation] = useState<TotpCreation | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: ["factors"] });
  const addPasskey = async () => {
    await api.addWebAuthn(await createPasskey(await api.addWebAuthnBegin(), describeBrowser(navigator.userAgent)));
    await refresh();
  };
  return (
    <>
      {attempt.error !== null && <Note tone="bad" icon="warning" live>{attempt.error}</Note>}
      <div className="line wrap">
        {passkeysAreAvailable() && (
          <Button icon="plus" busy={attempt.busy} onPress={() => attempt.run(addPasskey)}>
            {t.security.addPasskey}
          </Button>
        )}
        <Button icon="plus" onPress={() => attempt.run(async () => setCreation(await api.addTotpBegin()))}>
          {t.security.addTotp}
        </Button>
      </div>
      {creation !== null && (
        <AddTotp
          creation={creation}
          onClose={() => setCreation(null)}
          onAdded={() => {
            setCreation(null);
            void refresh();
          }}
        />
      )}
    </>
  );
}

function AddTotp({ creation, onClose, onAdded }: { creation: TotpCreation; onClose: () => void; onAdded: () => void }) {
  const { api } = useApp();
  return (
    <Dialog title={t.security.addTotp} onClose={onClose}>
      <p className="muted small">{t.enrol.totpScan}</p>
      <TotpKey creation={creation} />
      <CodeForm onCode={(code) => api.addTotp(code).then(onAdded)} beside={<Button onPress={onClose}>{t.common.cancel}</Button>} />
    </Dialog>
  );
}
