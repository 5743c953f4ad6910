/** One row of a conversation: a day, a marker, an event, or a message. */
import type { ConversationRecord, MessageRecord } from "@wardline/messaging";
import { useNameOf, useNow } from "../../context.tsx";
import type { ThreadItem } from "../../models/thread.ts";
import { dayName } from "../../models/time.ts";
import { Icon } from "../../parts/Icon.tsx";
import { listOf, t } from "../../text/index.ts";
import type { Handed } from "./handed.ts";
import { Message, Outgoing } from "./Message.tsx";

export interface ThreadRowProps {
  readonly item: ThreadItem;
  readonly record: ConversationRecord;
  readonly messages: readonly MessageRecord[];
  readonly onHand: (handed: Handed) => void;
  /** Brings an earlier message into sight. */
  readonly onFind: (messageId: string) => void;
}

export function ThreadRow({ item, record, messages, onHand, onFind }: ThreadRowProps) {
  const now = useNow(60_000);
  switch (item.kind) {
    case "beginning":
      return (
        <p className="event beginning">
          <Icon name="shield" small />
          <span>
            {item.joinedLater ? t.conversation.joinedLater : t.conversation.beginning} {t.details.contentValue}.
          </span>
        </p>
      );
    case "day":
      return (
        <p className="day">
          <span>{dayName(item.at, now)}</span>
        </p>
      );
    case "unread":
      return (
        <p className="unread-marker">
          <span>{t.conversation.unreadMarker}</span>
        </p>
      );
    case "event":
      return <Event message={item.message} />;
    case "message":
      return <Message item={item} record={record} messages={messages} onHand={onHand} onFind={onFind} now={now} />;
    case "outgoing":
      return <Outgoing item={item} onHand={onHand} />;
  }
}

function Event({ message }: { message: MessageRecord }) {
  const nameOf = useNameOf();
  if (message.body.kind === "gap") return <p className="event">{t.conversation.gap}</p>;
  if (message.body.kind !== "membership") return null;
  const { added, removed } = message.body;
  const by = message.sender === null ? null : message.sender.user_id;
  const names = (ids: readonly string[]) => listOf(ids.map(nameOf));
  const lines = [
    ...(added.length > 0 && by !== null ? [t.conversation.added(names(added), nameOf(by))] : []),
    ...(removed.length > 0 ? [by === null || removed.includes(by) ? t.conversation.left(names(removed)) : t.conversation.removed(names(removed), nameOf(by))] : []),
  ];
  return <p className="event">{lines.join(". ")}</p>;
}
