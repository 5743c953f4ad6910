/** A picture, large, to look at and nothing else: across it stands who looks, and when. */
import type { ReactNode } from "react";
import { useNow, useWorkspace } from "../../context.tsx";
import { momentName } from "../../models/time.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { t } from "../../text/index.ts";

export function PictureViewer({ name, url, onClose }: { name: string; url: string; onClose: () => void }) {
  return (
    <Dialog title={name} wide onClose={onClose}>
      <div className="viewer">
        <Watermark tiles={12}>
          <img src={url} alt={t.files.picture(name)} draggable={false} />
        </Watermark>
      </div>
      <div className="viewer-foot">
        <span className="tiny faint grow">{t.files.viewOnly}</span>
        <Button look="primary" onPress={onClose}>
          {t.common.close}
        </Button>
      </div>
    </Dialog>
  );
}

/** Whoever photographs the screen photographs this as well. It tells who it was; it stops nobody. */
export function Watermark({ tiles = 1, children }: { tiles?: number; children: ReactNode }) {
  const { session } = useWorkspace();
  const now = useNow(60_000);
  const mark = `${session.user.name} · ${momentName(now)}`;
  return (
    <span className="watermarked" onContextMenu={(event) => event.preventDefault()}>
      {children}
      <span className={tiles > 1 ? "watermark tiled" : "watermark"} aria-hidden="true">
        {Array.from({ length: tiles }, (_, index) => (
          <span key={index}>{mark}</span>
        ))}
      </span>
    </span>
  );
}
