/**
 * Hides what is on screen when nobody is at this tab, and ends the session when nobody was at any tab of this browser for the
 * organisation's idle time (IAM-12).
 */
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useApp, useInbox, useWorkspace } from "../context.tsx";
import { minutesAndSeconds } from "../models/time.ts";
import { Button } from "../parts/Button.tsx";
import { Icon, PriorityShape } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";
import { HiddenContext } from "./hidden_context.ts";

const HIDE_AFTER_MILLISECONDS = 120_000;
const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

export function IdleGuard({ children }: { children: ReactNode }) {
  const { session } = useApp();
  const workspace = useWorkspace();
  const limit = workspace.session.session.idle_seconds * 1000;
  const hideAfter = Math.min(HIDE_AFTER_MILLISECONDS, limit / 2);
  const lastSeen = useRef(Date.now());
  const [idleFor, setIdleFor] = useState(0);
  const isHidden = idleFor >= hideAfter;

  useEffect(() => {
    // Once hidden, only the button shows it again: a mouse that is bumped in passing does not.
    const alive = () => {
      if (isHidden) return;
      lastSeen.current = Date.now();
      workspace.presence.touch();
    };
    for (const sign of SIGNS_OF_LIFE) addEventListener(sign, alive, { passive: true, capture: true });
    return () => SIGNS_OF_LIFE.forEach((sign) => removeEventListener(sign, alive, { capture: true }));
  }, [isHidden, workspace]);

  useEffect(() => {
    const look = () => {
      const idle = Date.now() - lastSeen.current;
      if (workspace.presence.idleMilliseconds() >= limit) void session.end("idle");
      else setIdleFor(idle >= hideAfter ? idle : 0);
    };
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [session, workspace, limit, hideAfter]);

  const show = () => {
    lastSeen.current = Date.now();
    workspace.presence.touch();
    setIdleFor(0);
    workspace.nudge();
  };

  return (
    <>
      <div className={isHidden ? "guarded hidden" : "guarded"} inert={isHidden}>
        <HiddenContext value={isHidden}>{children}</HiddenContext>
      </div>
      {isHidden && <Curtain left={limit - workspace.presence.idleMilliseconds()} onShow={show} />}
    </>
  );
}

function Curtain({ left, onShow }: { left: number; onShow: () => void }) {
  return (
    <div className="curtain" role="alertdialog" aria-labelledby="curtain-title" aria-describedby="curtain-body">
      <Icon name="eye" />
      <h1 id="curtain-title">{t.idle.title}</h1>
      <p id="curtain-body" className="muted">
        {t.idle.body}
      </p>
      <Waits />
      <p className="faint small numbers">{t.idle.signOutIn(minutesAndSeconds(left))}</p>
      <Button look="primary" autoFocus onPress={onShow}>
        {t.idle.show}
      </Button>
    </div>
  );
}

/** How much waits behind it, and how urgent: never from whom, about whom or what. */
function Waits() {
  const records = [...useInbox().conversations.values()];
  const critical = records.filter(({ attention, mine }) => attention.some((item) => item.priority === "critical" && (item.sequence > mine.read || item.needs_acknowledgement))).length;
  const unread = records.filter((record) => record.unread > 0).length;
  return (
    <p className="curtain-waits" role="status">
      {critical > 0 && (
        <span className="chip critical">
          <PriorityShape priority="critical" />
          {t.idle.critical(critical)}
        </span>
      )}
      {unread > 0 && <span className="chip brand">{t.idle.unread(unread)}</span>}
    </p>
  );
}
