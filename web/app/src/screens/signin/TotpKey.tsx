/** The secret for an authenticator app: to scan with a telephone beside the screen, to open on this device, or to type. */
import type { TotpCreation } from "@wardline/api";
import { QrCode } from "../../parts/QrCode.tsx";
import { t } from "../../text/index.ts";

export function TotpKey({ creation }: { creation: TotpCreation }) {
  return (
    <div className="totp-key">
      <span className="wide-only">
        <QrCode text={creation.otpauth_uri} label={t.enrol.totpCode} />
      </span>
      <div className="stack gap grow">
        <span className="small muted">{t.enrol.totpKey}</span>
        <code>{creation.secret_base32.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
        <a className="link small" href={creation.otpauth_uri}>
          {t.enrol.totpOpen}
        </a>
      </div>
    </div>
  );
}
