/** The one card in the middle of the page before somebody is in. */
import type { ReactNode } from "react";
import { t } from "../../text/index.ts";

export function Card({ title, intro, children }: { title?: string; intro?: string; children: ReactNode }) {
  return (
    <main className="gate">
      <div className="gate-card">
        <p className="gate-brand">
          <span className="logo" aria-hidden="true">
            W
          </span>
          {t.product}
        </p>
        {title !== undefined && <h1>{title}</h1>}
        {intro !== undefined && <p className="muted">{intro}</p>}
        {children}
      </div>
    </main>
  );
}
