/** The secret for an authenticator app, in groups that one can type. */
import type { TotpCreation } from "@wardline/api";
import { t } from "../../text/index.ts";

export function TotpKey({ creation }: { creation: TotpCreation }) {
  return (
    <div className="totp-key">
      <span className="small muted">{t.enrol.totpKey}</span>
      <code>{creation.secret_base32.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
      <a className="link small" href={creation.otpauth_uri}>
        {t.enrol.totpOpen}
      </a>
    </div>
  );
}
