/** Tells screen readers what has arrived: the words where they are being read, elsewhere from whom. Behind the curtain it is inert. */
import { useEffect, useRef, useState } from "react";
import type { LastMessage } from "@wardline/messaging";
import { useConnection, useInbox, useNameOf, useWorkspace } from "../context.tsx";
import { t } from "../text/index.ts";

export function Announcer({ open }: { open: string | null }) {
  const { conversations, loaded } = useInbox();
  const { freshness } = useConnection();
  const { me } = useWorkspace();
  const nameOf = useNameOf();
  const heard = useRef<ReadonlyMap<string, number> | null>(null);
  const [said, setSaid] = useState({ text: "", number: 0 });

  useEffect(() => {
    if (!loaded) return;
    const before = heard.current;
    heard.current = new Map([...conversations].map(([id, record]) => [id, record.last?.sequence ?? 0]));
    // What was missed is in the inbox; reading a night out loud helps nobody.
    if (before === null || freshness !== "live") return;
    const arrived = [...conversations].flatMap(([id, { last, attention }]) => {
      const isNew = last !== null && last.user_id !== null && last.user_id !== me.userId && last.sequence > (before.get(id) ?? 0);
      return isNew ? [{ id, last, critical: attention.some((item) => item.sequence === last.sequence && item.priority === "critical") }] : [];
    });
    if (arrived.length === 0) return;
    const text = arrived.map(({ id, last, critical }) => (critical ? `${t.priority.critical}. ` : "") + phrase(last, id === open, nameOf)).join(" ");
    setSaid(({ number }) => ({ text, number: number + 1 }));
  }, [conversations]);

  return (
    <p className="visually-hidden" role="status">
      <span key={said.number}>{said.text}</span>
    </p>
  );
}

function phrase(last: LastMessage, isOpen: boolean, nameOf: (userId: string) => string): string {
  const name = nameOf(last.user_id!);
  return isOpen && last.text !== null ? t.conversation.said(name, last.text) : t.conversation.newFrom(name);
}
