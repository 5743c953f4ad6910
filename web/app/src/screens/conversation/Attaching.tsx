/** Files on their way into a message: chosen, dropped or pasted; each with its progress and a way out. */
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { UploadView } from "@wardline/messaging";
import { useObservable, useWorkspace } from "../../context.tsx";
import { fileSize, isPicture } from "../../models/files.ts";
import { IconButton } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { t } from "../../text/index.ts";

const NONE: readonly UploadView[] = [];

export interface Attaching {
  readonly uploads: readonly UploadView[];
  readonly add: (files: readonly File[]) => void;
  readonly remove: (id: string) => void;
  readonly again: (id: string) => void;
  /** Something to say about what was chosen. */
  readonly note: string | null;
  readonly isDropping: boolean;
  readonly dropProps: object;
  readonly onPaste: (event: ClipboardEvent) => void;
}

export function useAttaching(conversationId: string): Attaching {
  const workspace = useWorkspace();
  const uploads = useObservable(workspace.uploads.views).get(conversationId) ?? NONE;
  const [note, setNote] = useState<string | null>(null);
  const [isDropping, setDropping] = useState(false);
  const add = (files: readonly File[]) => {
    if (files.length === 0) return;
    const left = workspace.uploads.add(conversationId, files);
    setNote(left > 0 ? t.files.tooMany(left) : null);
  };
  const takes = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    uploads,
    add,
    remove: (id) => {
      setNote(null);
      workspace.uploads.cancel(conversationId, id);
    },
    again: (id) => workspace.uploads.retry(conversationId, id),
    note,
    isDropping,
    dropProps: {
      onDragOver: (event: DragEvent) => {
        if (!takes(event)) return;
        event.preventDefault();
        setDropping(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false);
      },
      onDrop: (event: DragEvent) => {
        setDropping(false);
        if (!takes(event)) return;
        event.preventDefault();
        add([...event.dataTransfer.files]);
      },
    },
    onPaste: (event) => {
      const { files: pasted, types } = event.clipboardData;
      const files = [...pasted];
      // Out of a table or a document a picture of the words comes along: it is the words that are meant.
      const areWords = types.includes("text/plain") && types.includes("text/html");
      if (files.length === 0 || areWords) return;
      event.preventDefault();
      add(files);
    },
  };
}

/** On a phone the same control offers the camera and the photo library. */
export function AttachButton({ attaching, isDisabled = false }: { attaching: Attaching; isDisabled?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const limit = useLimit();
  return (
    <>
      <IconButton icon="attach" isDisabled={isDisabled} label={limit === null ? t.files.attach : `${t.files.attach}. ${t.files.limit(fileSize(limit))}`} onPress={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-attach
        onChange={(event) => {
          attaching.add([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </>
  );
}

/** The size limit, asked once and kept. */
function useLimit(): number | null {
  const { uploads } = useWorkspace();
  const { data } = useQuery({ queryKey: ["largest-file"], queryFn: () => uploads.largest(), staleTime: Number.POSITIVE_INFINITY });
  return data ?? null;
}

export function AttachTray({ attaching }: { attaching: Attaching }) {
  const limit = useLimit();
  if (attaching.uploads.length === 0) return null;
  return (
    <div className="attach-tray">
      <ul className="uploads" aria-label={t.files.list}>
        {attaching.uploads.map((upload) => (
          <Upload key={upload.id} upload={upload} attaching={attaching} />
        ))}
      </ul>
      <p className="tiny faint">
        {attaching.note ?? (limit !== null && t.files.limit(fileSize(limit)))}
      </p>
    </div>
  );
}

function Upload({ upload, attaching }: { upload: UploadView; attaching: Attaching }) {
  const { id, name, size, type, stage, progress, failure } = upload;
  const percent = Math.round(progress * 100);
  const isMoving = stage === "encrypting" || stage === "uploading" || stage === "waiting";
  return (
    <li className={`upload ${stage}`}>
      <Icon name={isPicture(type) ? "picture" : "file"} />
      <span className="upload-text">
        <span className="truncate">{name}</span>
        <span className="tiny faint" role={stage === "failed" ? "alert" : undefined}>
          {failure === null ? (
            <>
              {t.files.stages[stage]}
              {isMoving && <span className="numbers"> {percent} %</span>} · {fileSize(size)}
            </>
          ) : (
            (failure.detail ?? t.files.failures[failure.code])
          )}
        </span>
        {isMoving && <progress max={100} value={percent} aria-label={`${t.files.stages[stage]} ${name}`} />}
      </span>
      {stage === "failed" && failure?.code === "refused" && <IconButton icon="again" label={t.files.again(name)} onPress={() => attaching.again(id)} />}
      <IconButton icon="close" label={t.files.remove(name)} onPress={() => attaching.remove(id)} />
    </li>
  );
}
