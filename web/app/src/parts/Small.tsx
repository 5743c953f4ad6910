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

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
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
