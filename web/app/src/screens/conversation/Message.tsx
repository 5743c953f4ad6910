/** A message: a quiet bubble when it is routine, a card with its action when it is critical or wants an answer. */
import { useState } from "react";
import { Button as Press } from "react-aria-components/Button";
import { type ConversationRecord, headline, type MessageRecord } from "@wardline/messaging";
import { useConnection, useIsHeld, useKnown, useNameOf, useWorkspace } from "../../context.tsx";
import { messageDelivery, outgoingDelivery, type Delivery } from "../../models/delivery.ts";
import { initials, isolated, personName } from "../../models/names.ts";
import type { ThreadItem } from "../../models/thread.ts";
import { clockTime, elapsed } from "../../models/time.ts";
import { Button, IconButton } from "../../parts/Button.tsx";
import { Face } from "../../parts/Face.tsx";
import { Icon, type IconName, PriorityShape } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";
import { Acknowledge } from "./Acknowledge.tsx";
import { FileCards } from "./FileCards.tsx";
import type { Handed } from "./handed.ts";
import { Receipts } from "./Receipts.tsx";

type MessageItem = Extract<ThreadItem, { kind: "message" }>;

export interface MessageProps {
  readonly item: MessageItem;
  readonly record: ConversationRecord;
  readonly messages: readonly MessageRecord[];
  readonly onHand: (handed: Handed) => void;
  readonly onFind: (messageId: string) => void;
  readonly now: number;
}

export function Message({ item, record, messages, onHand, onFind, now }: MessageProps) {
  const { message, mine, first, last } = item;
  const { people } = useKnown();
  const person = message.sender === null ? undefined : people.get(message.sender.user_id);
  const isGroup = record.server.members.length > 2;
  const priority = message.priority === "routine" ? "" : message.priority;
  return (
    <article className={`message ${mine ? "mine" : "theirs"}${first ? " first" : ""}${last ? " last" : ""} ${priority}`}>
      {!mine && isGroup && <span className="message-face">{first && <Face text={initials(person?.name ?? "?")} kind="person" size="s" />}</span>}
      <div className="message-main">
        {!mine && first && isGroup && (
          <p className="message-who">
            <strong>{person === undefined ? t.common.unknownPerson : personName(person)}</strong>
            {person !== undefined && <span className="wide-only"> · {isolated(person.role_title)}</span>}
            <span className="numbers"> · {clockTime(message.stored_at)}</span>
          </p>
        )}
        <div className="bubble">
          <PriorityHead message={message} mine={mine} record={record} now={now} />
          <Quote message={message} messages={messages} onFind={onFind} />
          <Body message={message} conversationId={record.server.conversation_id} />
          {!mine && message.needs_acknowledgement && <Acknowledge message={message} record={record} messages={messages} onFind={onFind} />}
        </div>
        <Below item={item} record={record} isGroup={isGroup} />
      </div>
      {!mine && <IconButton icon="reply" label={t.conversation.reply} onPress={() => onHand({ answer: message.id })} />}
    </article>
  );
}

/** The head of a card: how urgent, and how long it has waited. */
function PriorityHead({ message, mine, record, now }: { message: MessageRecord; mine: boolean; record: ConversationRecord; now: number }) {
  const waits = !mine && message.needs_acknowledgement && message.sequence > record.mine.acknowledged;
  if (message.priority === "routine" && !message.needs_acknowledgement) return null;
  return (
    <p className="bubble-head">
      {message.priority !== "routine" && <PriorityShape priority={message.priority} />}
      <span>{message.priority === "routine" ? t.conversation.needsAcknowledgement : t.priority[message.priority]}</span>
      {waits && message.priority !== "routine" && <span className="wide-only">· {t.conversation.needsAcknowledgement}</span>}
      {waits && <span className="waits numbers">{t.conversation.waits(elapsed(message.stored_at, now))}</span>}
    </p>
  );
}

function Quote({ message, messages, onFind }: Pick<MessageProps, "messages" | "onFind"> & { message: MessageRecord }) {
  const nameOf = useNameOf();
  const replyTo = message.body.kind === "content" ? message.body.content.reply_to : undefined;
  const quoted = replyTo === undefined ? undefined : messages.find((other) => other.id === replyTo);
  if (replyTo === undefined) return null;
  // What it answers may lie further back than is loaded, or before this device's time.
  if (quoted?.body.kind !== "content" || quoted.sender === null) return <p className="quote">{t.conversation.answersEarlier}</p>;
  return (
    <Press className="quote press" onPress={() => onFind(quoted.id)}>
      <span className="visually-hidden">{t.conversation.answers} </span>
      <strong>{nameOf(quoted.sender.user_id)}</strong>
      <span className="truncate">{isolated(headline(quoted.body.content))}</span>
    </Press>
  );
}

function Body({ message, conversationId }: { message: MessageRecord; conversationId: string }) {
  if (message.body.kind === "content") {
    const { text, attachments } = message.body.content;
    return (
      <>
        {attachments !== undefined && <FileCards conversationId={conversationId} attachments={attachments} />}
        {text !== "" && <p className="bubble-text">{text}</p>}
      </>
    );
  }
  if (message.body.kind === "unreadable") return <p className="bubble-text unreadable">{t.conversation.unreadable[message.body.reason]}</p>;
  return null;
}

function Below({ item, record, isGroup }: { item: MessageItem; record: ConversationRecord; isGroup: boolean }) {
  const { message, mine, last } = item;
  const { me } = useWorkspace();
  const nameOf = useNameOf();
  const [isOpen, setOpen] = useState(false);
  if (!mine) return last && !isGroup ? <p className="below numbers">{clockTime(message.stored_at)}</p> : null;
  if (!last && !message.needs_acknowledgement) return null;
  const delivery = messageDelivery(message, record, me.userId, nameOf);
  return (
    <>
      <Press className="below press" onPress={() => setOpen(true)}>
        <span className="numbers">{clockTime(message.stored_at)}</span> · <DeliveryMark delivery={delivery} />
      </Press>
      {isOpen && <Receipts message={message} record={record} onClose={() => setOpen(false)} />}
    </>
  );
}

const MARKS: Partial<Record<Delivery["stage"], IconName>> = { sent: "check", delivered: "checks", read: "checks", acknowledged: "checks", failed: "warning", queued: "clock" };

function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const mark = MARKS[delivery.stage];
  return (
    <span className={`delivery ${delivery.stage}`}>
      {mark !== undefined && <Icon name={mark} small />}
      {delivery.text}
    </span>
  );
}

export function Outgoing({ item, onHand }: Pick<MessageProps, "onHand"> & { item: Extract<ThreadItem, { kind: "outgoing" }> }) {
  const { record, first } = item;
  const { commands } = useWorkspace();
  const { freshness } = useConnection();
  const isHeld = useIsHeld(record.conversation_id);
  const delivery = outgoingDelivery(record, isHeld ? "held" : freshness !== "offline" ? "online" : "offline");
  const run = (name: "sendAgain" | "discard") => () => void commands.run(name, { id: record.id }).catch(() => undefined);
  return (
    <article className={`message mine${first ? " first" : ""} last ${record.priority === "routine" ? "" : record.priority} ${delivery.stage}`}>
      <div className="message-main">
        <div className="bubble">
          {record.priority !== "routine" && (
            <p className="bubble-head">
              <PriorityShape priority={record.priority} />
              {t.priority[record.priority]}
            </p>
          )}
          {record.content.attachments !== undefined && <FileCards conversationId={record.conversation_id} attachments={record.content.attachments} />}
          {record.content.text !== "" && <p className="bubble-text">{record.content.text}</p>}
        </div>
        <p className="below" role={delivery.stage === "failed" ? "alert" : undefined}>
          <DeliveryMark delivery={delivery} />
        </p>
        {delivery.stage === "failed" && (
          <div className="below-actions">
            <Button look="quiet" onPress={run("discard")}>
              {t.delivery.discard}
            </Button>
            {record.content.attachments === undefined && <Button look="quiet" onPress={() => onHand({ again: record })}>{t.delivery.edit}</Button>}
            <Button icon="again" onPress={run("sendAgain")}>{t.delivery.again}</Button>
          </div>
        )}
      </div>
    </article>
  );
}
