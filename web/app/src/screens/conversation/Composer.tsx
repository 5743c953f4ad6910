/** Where one writes. Every keystroke is kept; who will get it and how urgent it is stand beside the words. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Priority } from "@wardline/api";
import { type ConversationRecord, type Departure, type Draft, EMPTY_DRAFT, headline, MOST_TEXT_LENGTH, type OutboxRecord } from "@wardline/messaging";
import { useIsPhone, useKnown, useNameOf, useObservable, useRewrittenDraft, useWorkspace } from "../../context.tsx";
import { otherMembers } from "../../models/inbox.ts";
import { roomLeft } from "../../models/length.ts";
import { isolated, isOnCall, personName, placeLine } from "../../models/names.ts";
import { Button, IconButton } from "../../parts/Button.tsx";
import { PriorityPicker, Tick } from "../../parts/Choices.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";
import { AttachButton, AttachTray, useAttaching } from "./Attaching.tsx";
import type { Handed } from "./handed.ts";

export interface ComposerProps {
  readonly record: ConversationRecord;
  readonly title: string;
  readonly handed: Handed | null;
  readonly onTaken: () => void;
}

const TYPING_EVERY_MILLISECONDS = 4000;

export function Composer({ record, title, handed, onTaken }: ComposerProps) {
  const workspace = useWorkspace();
  const id = record.server.conversation_id;
  const [draft, setDraft] = useState<Draft>(() => workspace.drafts.get(id) ?? EMPTY_DRAFT);
  const box = useRef<HTMLTextAreaElement>(null);
  const isPhone = useIsPhone();
  const put = (next: Draft) => {
    setDraft(next);
    workspace.drafts.save(id, next);
    workspace.departures.forget(id);
  };
  const change = (part: Partial<Draft>) => put({ ...draft, ...part });
  const readAgain = () => setDraft(workspace.drafts.get(id) ?? EMPTY_DRAFT);
  useRewrittenDraft(id, readAgain);
  useEffect(() => {
    if (handed === null) return;
    if ("answer" in handed) change({ replyTo: handed.answer });
    else {
      put(joined(draft, handed.again));
      // Written down as a draft before it leaves the outbox: a crash in between keeps both.
      void workspace.drafts.flush().then(() => workspace.commands.run("discard", { id: handed.again.id })).catch(() => undefined);
    }
    onTaken();
    box.current?.focus();
  }, [handed]);
  useGrow(box, draft.text);
  const tellTyping = useTyping(id);

  const isTooLong = draft.text.length > MOST_TEXT_LENGTH;
  const attaching = useAttaching(id);
  const departure = useDeparture(id, readAgain);
  const hasFiles = attaching.uploads.length > 0;
  const isSendable = (draft.text.trim() !== "" || hasFiles) && !isTooLong;
  const send = () => {
    if (!isSendable) return;
    box.current?.focus();
    if (hasFiles) return workspace.departures.ask(id);
    const { text, priority, needsAcknowledgement, replyTo: answers } = draft;
    const content = { kind: "text" as const, text: text.trim(), ...(answers !== undefined && { reply_to: answers }) };
    put(EMPTY_DRAFT);
    // It could not even be written down (a full disk): the words go back where they were.
    void workspace.send({ conversationId: id, content, priority, needsAcknowledgement }).catch(() => put(draft));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || isPhone) return;
    event.preventDefault();
    send();
  };

  return (
    <footer className={`composer ${draft.priority}${isResting(draft) && !hasFiles ? " resting" : ""}${attaching.isDropping ? " dropping" : ""}`} {...attaching.dropProps}>
      <Recipients record={record} />
      {draft.replyTo !== undefined && <Answering record={record} messageId={draft.replyTo} onCancel={() => put(withoutReply(draft))} />}
      <div className="composer-box">
        <AttachTray attaching={attaching} />
        <textarea
          ref={box}
          data-composer
          className="composer-text"
          rows={1}
          value={draft.text}
          aria-label={t.composer.label}
          aria-describedby="composer-hint"
          aria-invalid={isTooLong}
          placeholder={record.server.members.length > 2 ? t.composer.placeholderGroup : t.composer.placeholder(title)}
          onChange={(event) => {
            change({ text: event.target.value });
            tellTyping();
          }}
          onKeyDown={onKeyDown}
          onPaste={attaching.onPaste}
        />
        <div className="composer-tools">
          <AttachButton attaching={attaching} isDisabled={departure === "waiting"} />
          <PriorityPicker value={draft.priority} onChange={(priority) => change(forPriority(priority, draft))} />
          <Tick isSelected={draft.needsAcknowledgement} isDisabled={draft.priority === "critical"} onChange={(needsAcknowledgement) => change({ needsAcknowledgement })}>
            {t.composer.needsAcknowledgement}
          </Tick>
          <Button look={draft.priority === "critical" ? "critical" : "primary"} icon="send" isDisabled={!isSendable} busy={departure === "waiting"} onPress={send}>
            {t.composer.send}
          </Button>
        </div>
      </div>
      <p id="composer-hint" className={isTooLong || departure === "held-back" ? "composer-hint bad" : "composer-hint"} role={departure === "held-back" ? "alert" : undefined}>
        {hintFor(draft, departure, attaching.isDropping)}
      </p>
    </footer>
  );
}

function hintFor({ text, priority }: Draft, departure: Departure | undefined, isDropping: boolean): string {
  const room = roomLeft(text.length, MOST_TEXT_LENGTH);
  if (room !== null) return room;
  if (departure === "held-back") return t.files.notSent;
  if (departure === "waiting") return t.files.wait;
  if (isDropping) return t.files.dropHere;
  return priority === "critical" ? t.composer.criticalHint : t.composer.enterHint;
}

/** Critical always asks for an answer; going back to routine forgets that. */
const forPriority = (priority: Priority, draft: Draft): Partial<Draft> => ({
  priority,
  needsAcknowledgement: priority === "critical" || (draft.priority !== "critical" && draft.needsAcknowledgement),
});

/** Nothing begun: on a phone it takes one line until somebody taps it. */
const isResting = (draft: Draft): boolean => draft.text === "" && draft.priority === "routine" && !draft.needsAcknowledgement && draft.replyTo === undefined;

/** The words of a message that did not leave, before whatever has been begun since. */
const joined = (draft: Draft, { content, priority, needs_acknowledgement }: OutboxRecord): Draft => ({
  ...draft,
  text: [content.text, draft.text].filter((text) => text !== "").join("\n"),
  priority,
  needsAcknowledgement: needs_acknowledgement,
  ...(content.reply_to !== undefined && { replyTo: content.reply_to }),
});

const withoutReply = ({ replyTo: _, ...rest }: Draft): Draft => rest;

function Recipients({ record }: { record: ConversationRecord }) {
  const { people } = useKnown();
  const { me } = useWorkspace();
  const others = otherMembers(record, me.userId).flatMap((user) => people.get(user) ?? []);
  return (
    <div className="recipients" aria-label={t.composer.to} role="group">
      <span className="tiny faint">{t.composer.to}</span>
      {others.slice(0, 4).map((person) => (
        <span key={person.user_id} className={isOnCall(person) ? "chip ok" : "chip"}>
          {personName(person)}
          {others.length <= 2 && <span className="wide-only weak">{isOnCall(person) ? t.person.onCall : placeLine(person)}</span>}
        </span>
      ))}
      {others.length > 4 && <span className="chip">{t.common.more(others.length - 4)}</span>}
    </div>
  );
}

function Answering({ record, messageId, onCancel }: { record: ConversationRecord; messageId: string; onCancel: () => void }) {
  const workspace = useWorkspace();
  const nameOf = useNameOf();
  const { messages } = useObservable(workspace.mailbox.thread(record.server.conversation_id).state);
  const message = messages.find((item) => item.id === messageId);
  if (message?.sender == null) return null;
  return (
    <div className="answering">
      <Icon name="reply" small />
      <span className="truncate grow">
        <strong>{t.composer.answering(nameOf(message.sender.user_id))}</strong> {message.body.kind === "content" && isolated(headline(message.body.content))}
      </span>
      <IconButton icon="close" label={t.composer.cancelReply} onPress={onCancel} />
    </div>
  );
}

/** How far the draft with its files is; `left` is called when it has gone. */
function useDeparture(conversationId: string, left: () => void): Departure | undefined {
  const departure = useObservable(useWorkspace().departures.state).get(conversationId);
  const before = useRef(departure);
  useEffect(() => {
    if (before.current === "waiting" && departure === undefined) left();
    before.current = departure;
  }, [departure]);
  return departure;
}

/** As tall as its text, up to the height that the style sheet allows. */
function useGrow(box: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [box, text]);
}

function useTyping(conversationId: string): () => void {
  const { commands } = useWorkspace();
  const last = useRef(0);
  return () => {
    if (Date.now() - last.current < TYPING_EVERY_MILLISECONDS) return;
    last.current = Date.now();
    void commands.run("typing", { conversationId }).catch(() => undefined);
  };
}
