/** Small pieces that many screens share. */
import type { ReactNode } from "react";
import type { Priority } from "@wardline/api";
import { t } from "../text/index.ts";
import { Icon, type IconName, PriorityShape } from "./Icon.tsx";

export function PriorityChip({ priority, rest }: { priority: Exclude<Priority, "routine">; rest?: string | undefined }) {
  return (
    <span className={`chip ${priority}`}>
      <PriorityShape priority={priority} />
      {t.priority[priority]}
      {rest !== undefined && <span className="numbers">· {rest}</span>}
    </span>
  );
}

export function Note({ tone = "plain", icon = "info", children, live = false }: { tone?: "plain" | "bad" | "warn" | "good"; icon?: IconName; children: ReactNode; live?: boolean }) {
  return (
    <div className={`note ${tone}`} role={live ? "alert" : undefined}>
      <Icon name={icon} small />
      <div className="grow">{children}</div>
    </div>
  );
}

/** `isPage`: nothing else is on the page, and this is its heading. */
export function Empty({ icon, title, children, isPage = false }: { icon: IconName; title: string; children?: ReactNode; isPage?: boolean }) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="empty">
      <Icon name={icon} />
      <Heading>{title}</Heading>
      {children}
    </div>
  );
}

export function Waiting({ label = t.common.loading }: { label?: string }) {
  return (
    <div className="empty" role="status">
      <span className="spinner" aria-hidden="true" />
      <span className="visually-hidden">{label}</span>
    </div>
  );
}
