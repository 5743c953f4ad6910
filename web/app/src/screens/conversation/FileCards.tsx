/** The files of a message: a picture to look at, or a card with name, size and kind and an explicit "Open". */
import { useEffect, useState } from "react";
import { Button as Press } from "react-aria-components/Button";
import { isProblem } from "@wardline/api";
import { type Attachment, DamagedFile } from "@wardline/messaging";
import { useWorkspace } from "../../context.tsx";
import { fileSize, isPicture, kindName, SHOWN_AT_ONCE } from "../../models/files.ts";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";
import { PictureViewer, Watermark } from "./PictureViewer.tsx";

export interface FileCardsProps {
  readonly conversationId: string;
  readonly attachments: readonly Attachment[];
}

export function FileCards({ conversationId, attachments }: FileCardsProps) {
  return (
    <div className="files">
      {attachments.map((attachment) =>
        isPicture(attachment.type) ? (
          <Picture key={attachment.id} conversationId={conversationId} attachment={attachment} />
        ) : (
          <FileCard key={attachment.id} conversationId={conversationId} attachment={attachment} />
        ),
      )}
    </div>
  );
}

interface CardProps {
  readonly conversationId: string;
  readonly attachment: Attachment;
}

type Fetching = { readonly stage: "idle" } | { readonly stage: "busy"; readonly progress: number } | { readonly stage: "failed"; readonly why: string } | { readonly stage: "open"; readonly file: Blob };

function useFetching({ conversationId, attachment }: CardProps, atOnce: boolean) {
  const { downloads } = useWorkspace();
  const [wanted, setWanted] = useState(atOnce ? 1 : 0);
  const [state, setState] = useState<Fetching>({ stage: atOnce ? "busy" : "idle", progress: 0 } as Fetching);
  useEffect(() => {
    if (wanted === 0) return;
    const stop = new AbortController();
    setState({ stage: "busy", progress: 0 });
    downloads
      .open(conversationId, attachment, { signal: stop.signal, progress: (progress) => stop.signal.aborted || setState({ stage: "busy", progress }) })
      .then((file) => stop.signal.aborted || setState({ stage: "open", file }))
      .catch((error: unknown) => stop.signal.aborted || setState({ stage: "failed", why: whyNot(error) }));
    return () => stop.abort();
  }, [wanted, downloads, conversationId, attachment.id]);
  return { state, fetch: () => setWanted((count) => count + 1), reset: () => setState({ stage: "idle" }) };
}

function whyNot(error: unknown): string {
  if (error instanceof DamagedFile) return t.files.damaged;
  return isProblem(error) && error.status === 404 ? t.files.gone : t.files.unreachable;
}

function Picture({ conversationId, attachment }: CardProps) {
  const { state, fetch } = useFetching({ conversationId, attachment }, attachment.size <= SHOWN_AT_ONCE);
  const [isOpen, setOpen] = useState(false);
  const url = useObjectUrl(state.stage === "open" ? state.file : null);
  if (url === null) return <Card attachment={attachment} state={state} action={t.files.show} onAction={fetch} />;
  return (
    <>
      <Press className="picture press" aria-label={t.files.look(attachment.name)} onPress={() => setOpen(true)}>
        <Watermark>
          <img src={url} alt="" draggable={false} decoding="async" />
        </Watermark>
        <span className="picture-caption tiny">
          <span className="truncate">{attachment.name}</span>
          <span className="faint"> · {fileSize(attachment.size)} · {t.files.viewOnly}</span>
        </span>
      </Press>
      {isOpen && <PictureViewer name={attachment.name} url={url} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Hands the file over to the device; what people do with it there is outside of Wardline, and the card says so. */
function FileCard({ conversationId, attachment }: CardProps) {
  const { state, fetch, reset } = useFetching({ conversationId, attachment }, false);
  const file = state.stage === "open" ? state.file : null;
  useEffect(() => {
    if (file === null) return;
    const url = URL.createObjectURL(file);
    const link = document.createElement("a");
    link.href = url;
    link.download = attachment.name;
    link.click();
    reset();
    // The browser reads it after this turn.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }, [file]);
  return <Card attachment={attachment} state={state} action={t.files.open} hint={t.files.openHint} onAction={fetch} />;
}

interface CardViewProps {
  readonly attachment: Attachment;
  readonly state: Fetching;
  readonly action: string;
  readonly hint?: string;
  readonly onAction: () => void;
}

function Card({ attachment, state, action, hint, onAction }: CardViewProps) {
  const { name, size, type } = attachment;
  const isBusy = state.stage === "busy";
  return (
    <div className="file-card">
      <Icon name={isPicture(type) ? "picture" : "file"} />
      <span className="file-text">
        <strong className="truncate">{name}</strong>
        <span className="tiny faint numbers">
          {kindName(type)} · {fileSize(size)}
        </span>
        {state.stage === "failed" ? (
          <span className="tiny bad" role="alert">
            {state.why}
          </span>
        ) : (
          hint !== undefined && <span className="tiny faint">{hint}</span>
        )}
        {isBusy && <progress max={100} value={Math.round(state.progress * 100)} aria-label={t.files.loading(name)} />}
      </span>
      <Button busy={isBusy} aria-label={`${action} ${name}`} onPress={onAction}>
        {action}
      </Button>
    </div>
  );
}

/** An address for what is in memory, for as long as it is on screen. */
function useObjectUrl(file: Blob | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (file === null) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => {
      setUrl(null);
      URL.revokeObjectURL(made);
    };
  }, [file]);
  return url;
}
