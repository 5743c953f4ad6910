/** The messages, drawn only as far as they are in sight, held at the newest unless somebody reads back. */
import { use, useEffect, useMemo, useRef, useState } from "react";
import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { Button } from "react-aria-components/Button";
import type { ConversationRecord } from "@wardline/messaging";
import { useNameOf, useNow, useObservable, useWorkspace } from "../../context.tsx";
import { counted } from "../../models/inbox.ts";
import { newestSequence, type ThreadItem, threadItems } from "../../models/thread.ts";
import { dayName } from "../../models/time.ts";
import { Icon } from "../../parts/Icon.tsx";
import { Waiting } from "../../parts/Small.tsx";
import { HiddenContext } from "../../shell/hidden_context.ts";
import { t } from "../../text/index.ts";
import type { Handed } from "./handed.ts";
import { ThreadRow } from "./ThreadRow.tsx";

const NEAR_END = 80;
const NEAR_START = 400;
const DAY_HEIGHT = 40;

export function Thread({ record, onHand }: { record: ConversationRecord; onHand: (handed: Handed) => void }) {
  const workspace = useWorkspace();
  const id = record.server.conversation_id;
  const thread = workspace.mailbox.thread(id);
  const state = useObservable(thread.state);
  const [readBefore] = useState(record.mine.read);
  const [isAtEnd, setAtEnd] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const isHeld = useRef(false);

  useEffect(() => void thread.load(workspace.mailbox.inbox.get().outgoing.get(id) ?? []), [thread, workspace, id]);

  const items = useMemo(
    () => threadItems({ thread: state, me: workspace.me.userId, readBefore, joinedLater: record.joined_after > 1 }),
    [state, workspace, readBefore, record.joined_after],
  );
  const list = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 64,
    getItemKey: (index) => items[index]!.key,
    overscan: 8,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    paddingStart: 12,
    paddingEnd: 12,
  });
  useFirstPosition(state.loaded, items.findIndex((item) => item.kind === "unread"), items.length, list);
  const height = list.getTotalSize();
  // Rows grow when their pictures have come: whoever is at the newest stays there.
  useEffect(() => {
    if (isHeld.current) list.scrollToEnd();
  }, [height]);
  const isHidden = use(HiddenContext);
  useMarkRead(record, newestSequence(state), isAtEnd && state.loaded && !isHidden);

  // So does whoever's composer grows under what they answer.
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const sizes = new ResizeObserver(() => isHeld.current && list.scrollToEnd());
    sizes.observe(box);
    return () => sizes.disconnect();
  }, [state.loaded]);
  // Whoever sends while reading back wants to see it leave.
  const leaving = state.outgoing.at(-1)?.id;
  useEffect(() => {
    if (leaving !== undefined && state.loaded) list.scrollToEnd();
  }, [leaving]);

  const onScroll = () => {
    const box = scroller.current!;
    isHeld.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
    setAtEnd(isHeld.current);
    if (box.scrollTop < NEAR_START) void readBack();
  };
  const find = (messageId: string) => {
    const index = items.findIndex((item) => item.key === messageId);
    if (index >= 0) list.scrollToIndex(index, { align: "center" });
  };
  const readBack = async () => {
    await thread.loadOlder();
    // At the very top no further scroll event comes: go on until the beginning or until there is room again.
    requestAnimationFrame(() => {
      const isStillThere = scroller.current !== null && scroller.current.scrollTop < NEAR_START;
      if (isStillThere && thread.state.get().hasOlder) void readBack();
    });
  };

  // Rows come and go as one scrolls: what is new is said by the Announcer, once.
  if (!state.loaded) return <div className="thread"><Waiting /></div>;
  return (
    <div className="thread-frame">
      <div className="thread" ref={scroller} onScroll={onScroll} role="log" aria-live="off" aria-label={t.conversation.label} tabIndex={0}>
        <div className="thread-inner" style={{ height }}>
          {list.getVirtualItems().map((row) => (
            <div key={row.key} ref={list.measureElement} data-index={row.index} className="thread-row" style={{ transform: `translateY(${row.start}px)` }}>
              <ThreadRow item={items[row.index]!} record={record} messages={state.messages} onHand={onHand} onFind={find} />
            </div>
          ))}
        </div>
      </div>
      {!isAtEnd && <DayInSight items={items} list={list} />}
      <Typing record={record} />
      {!isAtEnd && (
        <Button className="to-latest" onPress={() => list.scrollToEnd()}>
          <Icon name="down" small />
          {record.unread > 0 ? t.conversation.newBelow(counted(record.unread)) : t.conversation.latest}
        </Button>
      )}
    </div>
  );
}

/** Which day one is reading in, once its heading has left the screen. */
function DayInSight({ items, list }: { items: readonly ThreadItem[]; list: Virtualizer<HTMLDivElement, Element> }) {
  const now = useNow(60_000);
  const top = list.getVirtualItems().find((row) => row.end > (list.scrollOffset ?? 0) + DAY_HEIGHT);
  const item = top === undefined ? undefined : items[top.index];
  const at = item === undefined ? undefined : "message" in item ? item.message.stored_at : item.kind === "day" ? item.at : undefined;
  if (at === undefined) return null;
  return (
    <p className="day-in-sight" aria-hidden="true">
      {dayName(at, now)}
    </p>
  );
}

/** Opens at what is new, or at the end. */
function useFirstPosition(isLoaded: boolean, unreadIndex: number, count: number, list: Pick<Virtualizer<HTMLDivElement, Element>, "scrollToIndex" | "scrollToEnd">) {
  const done = useRef(false);
  useEffect(() => {
    if (!isLoaded || done.current || count === 0) return;
    done.current = true;
    const place = () => (unreadIndex > 0 ? list.scrollToIndex(unreadIndex, { align: "start" }) : list.scrollToEnd());
    place();
    // Once more when the rows in sight have been measured: before that their heights are guesses.
    requestAnimationFrame(() => requestAnimationFrame(place));
  }, [isLoaded, unreadIndex, count, list]);
}

/** Read is what was on a screen that somebody looked at. */
function useMarkRead(record: ConversationRecord, newest: number, isInSight: boolean): void {
  const { commands } = useWorkspace();
  const id = record.server.conversation_id;
  const { read } = record.mine;
  useEffect(() => {
    if (!isInSight || newest <= read) return;
    const mark = () => {
      const isLookedAt = document.visibilityState === "visible" && document.hasFocus();
      if (isLookedAt) void commands.run("mark", { conversationId: id, marks: { read: newest } }).catch(() => undefined);
    };
    mark();
    addEventListener("focus", mark);
    return () => removeEventListener("focus", mark);
  }, [commands, id, newest, read, isInSight]);
}

function Typing({ record }: { record: ConversationRecord }) {
  const workspace = useWorkspace();
  const now = useNow(2000);
  const nameOf = useNameOf();
  const typing = useObservable(workspace.typing).get(record.server.conversation_id);
  if (typing === undefined || typing.until * 1000 < now || typing.userId === workspace.me.userId) return null;
  return (
    <p className="typing tiny faint" role="status">
      {t.conversation.writing(nameOf(typing.userId))}
    </p>
  );
}
