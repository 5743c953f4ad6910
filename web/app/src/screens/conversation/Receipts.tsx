/** Who has seen one message, person by person. */
import type { ConversationRecord, MessageRecord } from "@wardline/messaging";
import { useKnown, useNameOf, useWorkspace } from "../../context.tsx";
import { recipientStates } from "../../models/delivery.ts";
import { initials } from "../../models/names.ts";
import { fullTime } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Face } from "../../parts/Face.tsx";
import { t } from "../../text/index.ts";

const TONES = { sent: "", delivered: "", read: "brand", acknowledged: "ok" } as const;

export function Receipts({ message, record, onClose }: { message: MessageRecord; record: ConversationRecord; onClose: () => void }) {
  const { me } = useWorkspace();
  const { people } = useKnown();
  const nameOf = useNameOf();
  return (
    <Dialog title={t.conversation.receiptsTitle} onClose={onClose}>
      <p className="small muted numbers">
        {t.delivery.sent} {fullTime(message.stored_at)}
      </p>
      <ul className="plain-list">
        {recipientStates(message, record, me.userId).map(({ userId, stage }) => (
          <li key={userId} className="line person-line">
            <Face text={initials(nameOf(userId))} kind="person" size="s" />
            <span className="grow">
              <span className="truncate strong">{nameOf(userId)}</span>
              <span className="small muted">{people.get(userId)?.role_title}</span>
            </span>
            <span className={`chip ${TONES[stage]}`}>{t.delivery[stage]}</span>
          </li>
        ))}
      </ul>
      <div className="actions">
        <Button onPress={onClose}>{t.common.close}</Button>
      </div>
    </Dialog>
  );
}
