/**
 * Files on their way into a message: stripped of metadata, encrypted once, then uploaded in parts. A lost network is waited out and
 * the upload goes on where it was; what was encrypted is kept, never encrypted again.
 */
import { Backoff, encodeBase64Url, type FileUpload, isProblem, isSessionLoss, isTransient, type WardlineApi } from "@wardline/api";
import type { EncryptedFile, FileCipher } from "@wardline/mls";
import { type Attachment, MOST_ATTACHMENTS, nameFor, typeFor } from "./attachment.ts";
import { NEW_DRAFT_KEY } from "./drafts.ts";
import { Observable } from "./observable.ts";
import { stripMetadata, UnreadablePicture } from "./strip_metadata.ts";
import { uuidv7 } from "./uuid.ts";

export interface UploadView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** `held`: encrypted, for a conversation that there is not yet. `waiting`: for the network. `ready`: the server has every byte. */
  readonly stage: "encrypting" | "held" | "uploading" | "waiting" | "ready" | "failed";
  /** Of 1. */
  readonly progress: number;
  readonly failure: UploadFailure | null;
}

export type UploadFailure = { readonly code: "too-large" | "unreadable-picture" | "unreadable-file" | "refused"; readonly detail?: string };

interface Upload {
  view: UploadView;
  /** The conversation, or NEW_DRAFT_KEY. */
  home: string;
  readonly file: File;
  encrypted: EncryptedFile | null;
  stop: AbortController;
}

export interface UploadParts {
  readonly api: WardlineApi;
  readonly loadFileCipher: () => Promise<FileCipher>;
}

const PART_BYTES = 512 * 1024;

export class Uploads {
  /** What is under way, per conversation; under NEW_DRAFT_KEY what is for one that has not begun. */
  readonly views = new Observable<ReadonlyMap<string, readonly UploadView[]>>(new Map());
  private readonly parts: UploadParts;
  private readonly uploads = new Map<string, Upload[]>();
  private readonly backoff = new Backoff({ firstMilliseconds: 1000, maximumMilliseconds: 15_000 });
  private wake: () => void = () => undefined;
  private awake: Promise<void>;

  constructor(parts: UploadParts) {
    this.parts = parts;
    this.awake = new Promise((resolve) => (this.wake = resolve));
  }

  /** How large a file may be, as it is encrypted. */
  async largest(): Promise<number> {
    return (await this.parts.api.deliveryService()).files.max_bytes;
  }

  /** Begins with each file; those beyond what one message may carry are left out, and how many is the answer. */
  add(conversationId: string, files: readonly File[]): number {
    const before = this.uploads.get(conversationId) ?? [];
    const room = Math.max(0, MOST_ATTACHMENTS - before.length);
    const added = files.slice(0, room).map((file): Upload => {
      const view = { id: uuidv7(), name: nameFor(file.name), type: typeFor(file.type), size: file.size, stage: "encrypting" as const, progress: 0, failure: null };
      return { view, home: conversationId, file, encrypted: null, stop: new AbortController() };
    });
    this.uploads.set(conversationId, [...before, ...added]);
    for (const upload of added) void this.run(upload);
    this.show();
    return files.length - added.length;
  }

  /** The conversation that they were chosen for has begun: they are uploaded into it. */
  begin(conversationId: string): void {
    const all = this.uploads.get(NEW_DRAFT_KEY) ?? [];
    this.uploads.delete(NEW_DRAFT_KEY);
    this.uploads.set(conversationId, all);
    for (const upload of all) {
      upload.home = conversationId;
      // One that is still being encrypted goes on by itself.
      if (upload.view.stage === "held") void this.run(upload);
    }
    this.show();
  }

  cancel(conversationId: string, id: string): void {
    const upload = this.find(conversationId, id);
    if (upload === undefined) return;
    this.drop(conversationId, id);
    this.giveUp(upload);
  }

  retry(conversationId: string, id: string): void {
    const upload = this.find(conversationId, id);
    if (upload?.view.stage !== "failed") return;
    upload.stop = new AbortController();
    void this.run(upload);
  }

  /** Makes everything that is ready available to members: what a message then names. Rejects where one cannot be, and keeps all. */
  async complete(conversationId: string): Promise<Attachment[]> {
    const all = this.uploads.get(conversationId) ?? [];
    for (const { view } of all) await this.parts.api.completeFile(conversationId, view.id);
    return all.map(({ view, encrypted }) => ({
      id: view.id,
      name: view.name,
      type: view.type,
      size: view.size,
      key: encodeBase64Url(encrypted!.key),
      sha256: encodeBase64Url(encrypted!.sha256),
    }));
  }

  /** The message that names them is on its way. */
  sent(conversationId: string): void {
    this.uploads.delete(conversationId);
    this.show();
  }

  /** The network is back. */
  nudge(): void {
    this.wake();
    this.awake = new Promise((resolve) => (this.wake = resolve));
  }

  /** Gives up everything: the session ends. */
  close(): void {
    const all = [...this.uploads.values()].flat();
    // At once: nobody may take what is left after one is gone for the whole.
    this.uploads.clear();
    this.show();
    for (const upload of all) this.giveUp(upload);
  }

  private async run(upload: Upload): Promise<void> {
    const { signal } = upload.stop;
    try {
      this.change(upload, { stage: "encrypting", progress: 0, failure: null });
      upload.encrypted ??= await this.encrypt(upload, signal);
      signal.throwIfAborted();
      if (upload.home === NEW_DRAFT_KEY) return this.change(upload, { stage: "held", progress: 0 });
      await this.upload(upload.home, upload, upload.encrypted, signal);
      this.change(upload, { stage: "ready", progress: 1 });
    } catch (error) {
      if (!signal.aborted) this.change(upload, { stage: "failed", failure: failureOf(error) });
    }
  }

  private async encrypt(upload: Upload, signal: AbortSignal): Promise<EncryptedFile> {
    // The size limit is of the ciphertext, which is a little longer.
    if (upload.file.size * 1.001 + 100 > (await this.whenReachable(() => this.largest(), upload, signal))) throw new TooLarge();
    const picture = await stripMetadata(upload.file);
    this.change(upload, { size: picture.size });
    const cipher = await this.parts.loadFileCipher();
    return cipher.encrypt(picture, { signal, progress: (progress) => this.change(upload, { progress: progress / 10 }) });
  }

  private async upload(conversationId: string, upload: Upload, { ciphertext, sha256 }: EncryptedFile, signal: AbortSignal): Promise<void> {
    const { api } = this.parts;
    const { id } = upload.view;
    const size = ciphertext.size;
    const announce = () => api.beginFile(conversationId, { file_id: id, size, sha256: encodeBase64Url(sha256) });
    const put = (first: number) => api.putFilePart(conversationId, id, { bytes: ciphertext.slice(first, first + PART_BYTES), first, size, signal });
    let next: () => Promise<FileUpload> = announce;
    for (;;) {
      signal.throwIfAborted();
      let received: number;
      try {
        ({ received } = await next());
      } catch (error) {
        const known = isProblem(error, "wrong-offset") ? error.number("received") : undefined;
        if (known === undefined) {
          if (!isTransient(error) && !isSessionLoss(error)) throw error;
          // After a lost answer only the server knows how far it is: announcing the file again asks it.
          next = announce;
          await this.pause(upload, signal);
          continue;
        }
        received = known;
      }
      next = () => put(received);
      this.backoff.reset();
      this.change(upload, { stage: "uploading", progress: 0.1 + (0.9 * received) / size });
      if (received >= size) return;
    }
  }

  private async whenReachable<T>(task: () => Promise<T>, upload: Upload, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await task();
      } catch (error) {
        if (!isTransient(error) && !isSessionLoss(error)) throw error;
        await this.pause(upload, signal);
      }
    }
  }

  private giveUp({ view, home, encrypted, stop }: Upload): void {
    stop.abort();
    if (encrypted !== null && home !== NEW_DRAFT_KEY) void this.parts.api.cancelFile(home, view.id).catch(() => undefined);
  }

  private async pause(upload: Upload, signal: AbortSignal): Promise<void> {
    this.change(upload, { stage: "waiting" });
    const given = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.race([this.awake, given, new Promise((resolve) => setTimeout(resolve, this.backoff.next()))]);
    signal.throwIfAborted();
  }

  private find(conversationId: string, id: string): Upload | undefined {
    return this.uploads.get(conversationId)?.find(({ view }) => view.id === id);
  }

  private drop(conversationId: string, id: string): void {
    this.uploads.set(conversationId, (this.uploads.get(conversationId) ?? []).filter(({ view }) => view.id !== id));
    this.show();
  }

  private change(upload: Upload, part: Partial<UploadView>): void {
    upload.view = { ...upload.view, ...part };
    this.show();
  }

  private show(): void {
    const busy = [...this.uploads].filter(([, all]) => all.length > 0);
    this.views.set(new Map(busy.map(([id, all]) => [id, all.map(({ view }) => view)])));
  }
}

class TooLarge extends Error {}

function failureOf(error: unknown): UploadFailure {
  if (error instanceof TooLarge || isProblem(error, "file-too-large")) return { code: "too-large" };
  if (error instanceof UnreadablePicture) return { code: "unreadable-picture" };
  if (isProblem(error)) return { code: "refused", detail: error.body.detail ?? error.body.title };
  return { code: "unreadable-file" };
}
