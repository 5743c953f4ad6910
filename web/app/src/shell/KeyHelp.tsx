/** The keys, for those who asked. */
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { t } from "../text/index.ts";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const KEYS = [
  [isMac ? "⌘ K" : "Ctrl K", t.keys.palette],
  ["j", t.keys.next],
  ["k", t.keys.previous],
  ["r", t.keys.reply],
  [t.keys.enter, t.keys.send],
  [t.keys.shiftEnter, t.keys.line],
  ["n", t.keys.new],
  ["Esc", t.keys.back],
  ["?", t.keys.help],
] as const;

export default function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t.keys.title} onClose={onClose}>
      <dl className="key-list">
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <div className="actions">
        <Button onPress={onClose}>{t.common.close}</Button>
      </div>
    </Dialog>
  );
}
