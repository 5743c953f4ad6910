/** My answer to a message that asks to be acknowledged: given only once the server has it, and said so until then (MSG-6). */
import { useRef, useState } from "react";
import { acknowledgementOf, type ConversationRecord, firstToAcknowledge, type MessageRecord } from "@wardline/messaging";
import { useConnection, useInbox, useWorkspace } from "../../context.tsx";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";

export interface AcknowledgeProps {
  readonly message: MessageRecord;
  readonly record: ConversationRecord;
  readonly messages: readonly MessageRecord[];
  readonly onFind: (messageId: string) => void;
}

export function Acknowledge({ message, record, messages, onFind }: AcknowledgeProps) {
  const workspace = useWorkspace();
  const given = useInbox().acknowledging.get(record.server.conversation_id) ?? [];
  const { freshness } = useConnection();
  const [isUnwritten, setUnwritten] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const acknowledge = () => {
    setUnwritten(false);
    workspace.acknowledge(record.server.conversation_id, message.sequence).catch(() => setUnwritten(true));
    // The button goes away: what becomes of it is said where it was.
    place.current?.focus();
  };
  const isDone = message.sequence <= record.mine.acknowledged;
  const own = acknowledgementOf(message.sequence, given);
  const first = firstToAcknowledge(record, given);
  const earlier = first !== null && first < message.sequence ? { message: messages.find((other) => other.sequence === first) } : null;
  const failed = own?.failure?.detail ?? (isUnwritten && own === null ? t.conversation.notWritten : null);

  if (!isDone && own === null && record.membership !== "joined") return null;
  return (
    <div ref={place} className="acknowledgement" role="status" tabIndex={-1}>
      {isDone ? (
        <p className="acknowledged">
          <Icon name="check" small />
          {t.conversation.youAcknowledged}
        </p>
      ) : failed !== null ? (
        <>
          <p className="unacknowledged">
            <Icon name="warning" small />
            <span>{t.conversation.acknowledgementFailed(failed)}</span>
          </p>
          <Button icon="again" onPress={acknowledge}>
            {t.conversation.acknowledgeAgain}
          </Button>
        </>
      ) : own !== null ? (
        <p className="acknowledging">
          {freshness === "offline" ? <Icon name="clock" small /> : <span className="spinner" aria-hidden="true" />}
          <span>{freshness === "offline" ? t.conversation.acknowledgementWaits : t.conversation.acknowledging}</span>
        </p>
      ) : earlier !== null ? (
        earlier.message === undefined ? <p className="small">{t.conversation.acknowledgeEarlier}</p> : <Button icon="reply" onPress={() => onFind(earlier.message!.id)}>{t.conversation.acknowledgeEarlier}</Button>
      ) : (
        <Button look={message.priority === "critical" ? "critical" : "primary"} icon="check" onPress={acknowledge}>
          {t.conversation.acknowledge}
        </Button>
      )}
    </div>
  );
}
