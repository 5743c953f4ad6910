/** The inbox beside whatever is open; on a phone one of the two. */
import { use } from "react";
import { Link, Outlet, useMatchRoute, useRouterState } from "@tanstack/react-router";
import { Button } from "react-aria-components/Button";
import { NEW_DRAFT_KEY } from "@wardline/messaging";
import { useInbox, useIsPhone, useNameOf, useNow, useObservable, useWorkspace } from "../../context.tsx";
import { counted, type InboxRow, type InboxSection, needCount } from "../../models/inbox.ts";
import { isolated } from "../../models/names.ts";
import { elapsed, listTime } from "../../models/time.ts";
import { Face } from "../../parts/Face.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Empty, PriorityChip, Waiting } from "../../parts/Small.tsx";
import { PaletteContext } from "../../shell/palette_context.ts";
import { useSections } from "../../shell/sections.tsx";
import { listOf, t } from "../../text/index.ts";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function InboxScreen() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <>
      <InboxPane path={path} />
      {path === "/" ? <NothingPicked /> : <Outlet />}
    </>
  );
}

function InboxPane({ path }: { path: string }) {
  const openPalette = use(PaletteContext);
  const inbox = useInbox();
  const sections = useSections();
  // On a phone the list is the page; beside a conversation it is not.
  const isPhone = useIsPhone();
  return (
    <section className="list-pane" role={isPhone ? "main" : undefined} aria-labelledby="inbox-title">
      <header className="list-head">
        <div className="line">
          <h1 id="inbox-title" className="grow">
            {t.inbox.title}
          </h1>
          <Link to="/new" className="button quiet new-button">
            <Icon name="write" small />
            {t.nav.newMessage}
          </Link>
        </div>
        <Button className="palette-opener" onPress={openPalette}>
          <Icon name="search" small />
          <span className="grow truncate">{t.inbox.search}</span>
          <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
        </Button>
      </header>
      <div className="list-body">
        {!inbox.loaded && <Waiting />}
        {path !== "/new" && <Begun />}
        {inbox.loaded && sections.length === 0 && <EmptyInbox />}
        {sections.map((section) => (
          <Section key={section.kind} section={section} />
        ))}
      </div>
      <Link to="/new" className="button primary compose-button">
        <Icon name="write" small />
        {t.nav.newMessage}
      </Link>
    </section>
  );
}

/** A new message that somebody has begun: it belongs to no conversation yet, and would be forgotten without a row of its own. */
function Begun() {
  const { drafts } = useWorkspace();
  const nameOf = useNameOf();
  const isBegun = useObservable(drafts.begun).includes(NEW_DRAFT_KEY);
  const { userIds, title, text } = drafts.getNew();
  if (!isBegun || (title === "" && text === "")) return null;
  return (
    <Link to="/new" className="row">
      <span className="face group m">
        <Icon name="write" />
      </span>
      <span className="row-text">
        <span className="row-title truncate">{userIds.length === 0 ? t.nav.newMessage : t.inbox.newMessageTo(listOf(userIds.map(nameOf)))}</span>
        <span className="row-sub truncate">
          <RowHint hint="draft" />
          {isolated(title === "" ? text : title)}
        </span>
      </span>
    </Link>
  );
}

function Section({ section }: { section: InboxSection }) {
  const title = { needsYou: t.inbox.needsYou, patients: t.inbox.patients, people: t.inbox.people }[section.kind];
  return (
    <section className={`list-section ${section.kind}`} aria-label={title}>
      <h2 className="list-title">
        {title}
        {section.kind === "needsYou" && needCount([section]) > 0 && <span className="badge">{needCount([section])}</span>}
      </h2>
      <ul>
        {section.rows.map((row) => (
          <li key={row.id}>
            <Row row={row} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ row }: { row: InboxRow }) {
  const now = useNow();
  const isOpen = useMatchRoute()({ to: "/c/$conversationId", params: { conversationId: row.id } }) !== false;
  const pressing = row.pressing !== null && row.pressing.priority !== "routine" ? row.pressing.priority : "";
  return (
    <Link
      to="/c/$conversationId"
      params={{ conversationId: row.id }}
      className={`row ${pressing}${row.unread > 0 ? " unread" : ""}`}
      aria-current={isOpen ? "page" : undefined}
    >
      <Face text={row.face.text} kind={row.face.kind} onCall={row.onCall} />
      <span className="row-text">
        <span className="line">
          <span className="row-title truncate grow">{row.title}</span>
          <span className="tiny faint numbers">{listTime(row.at, now)}</span>
        </span>
        <span className="line">
          {row.pressing === null ? (
            <span className="row-sub truncate grow">
              {row.hint !== null && <RowHint hint={row.hint} />}
              {row.hint !== "preparing" && row.subtitle}
            </span>
          ) : (
            <span className="row-sub two-lines grow">
              <Pressing item={row.pressing} now={now} /> {row.hint !== null && <RowHint hint={row.hint} />}
              {row.subtitle}
            </span>
          )}
          {row.pressing === null && row.unread > 0 && <Unread count={row.unread} />}
        </span>
      </span>
    </Link>
  );
}

function RowHint({ hint }: { hint: NonNullable<InboxRow["hint"]> }) {
  const text = { draft: t.inbox.draft, queued: t.inbox.queued, failed: t.inbox.notSent, preparing: t.inbox.preparing, held: t.inbox.held, acknowledging: t.inbox.acknowledging, unacknowledged: t.inbox.unacknowledged }[hint];
  return <span className={`row-hint ${hint}`}>{text}</span>;
}

/** Before the words that wait, to the eye and to the ear: how urgent they are and for how long they have waited. */
function Pressing({ item, now }: { item: NonNullable<InboxRow["pressing"]>; now: number }) {
  if (item.priority !== "routine") return <PriorityChip priority={item.priority} rest={elapsed(item.stored_at, now)} />;
  return <span className="chip brand">{t.inbox.acknowledge}</span>;
}

function Unread({ count }: { count: number }) {
  return (
    <span className="badge">
      <span aria-hidden="true">{counted(count)}</span>
      <span className="visually-hidden">{t.inbox.unread(counted(count))}</span>
    </span>
  );
}

function EmptyInbox() {
  return (
    <Empty icon="inbox" title={t.inbox.emptyTitle}>
      <p>{t.inbox.emptyBody}</p>
      <Link to="/on-call" className="button secondary">
        {t.inbox.emptyOnCall}
      </Link>
    </Empty>
  );
}

function NothingPicked() {
  const { conversations } = useInbox();
  const isFirst = conversations.size === 0;
  return (
    <main id="content" className="conversation-pane nothing">
      <Empty icon={isFirst ? "write" : "inbox"} title={isFirst ? t.inbox.firstTitle : t.inbox.pickTitle}>
        <p>{isFirst ? t.inbox.firstBody : t.inbox.pickBody}</p>
        <Link to="/new" className="button primary">
          <Icon name="write" small />
          {t.nav.newMessage}
        </Link>
      </Empty>
    </main>
  );
}
