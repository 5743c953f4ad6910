/** Files that messages name: fetched in parts, checked and opened on this device, and kept in memory for a while. */
import { decodeBase64Url, isTransient, type WardlineApi } from "@wardline/api";
import type { FileCipher } from "@wardline/mls";
import type { Attachment } from "./attachment.ts";

/** The file is not what its sender sent, or is not there. */
export class DamagedFile extends Error {
  constructor() {
    super("damaged file");
    this.name = "DamagedFile";
  }
}

export interface DownloadWork {
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void;
}

const PART_BYTES = 1024 * 1024;
const ATTEMPTS = 4;
const KEPT_BYTES = 64 * 1024 * 1024;

export class Downloads {
  private readonly api: WardlineApi;
  private readonly loadCipher: () => Promise<FileCipher>;
  /** Opened lately; the first is the one to go. Closed with the session. */
  private readonly kept = new Map<string, Blob>();

  constructor(api: WardlineApi, loadCipher: () => Promise<FileCipher>) {
    this.api = api;
    this.loadCipher = loadCipher;
  }

  /** The file, decrypted. Rejects with DamagedFile, with what the server said, or with Unreachable. */
  async open(conversationId: string, attachment: Attachment, work: DownloadWork = {}): Promise<Blob> {
    const known = this.kept.get(attachment.id);
    if (known !== undefined) return known;
    const ciphertext = await this.fetch(conversationId, attachment, work);
    const cipher = await this.loadCipher();
    const sealed = { ciphertext, key: decodeBase64Url(attachment.key), sha256: decodeBase64Url(attachment.sha256) };
    const file = await cipher.decrypt(sealed, attachment.type, work.signal && { signal: work.signal }).catch((error: unknown) => {
      work.signal?.throwIfAborted();
      throw error instanceof Error && error.name === "FileError" ? new DamagedFile() : error;
    });
    if (file.size !== attachment.size) throw new DamagedFile();
    this.keep(attachment.id, file);
    return file;
  }

  close(): void {
    this.kept.clear();
  }

  private async fetch(conversationId: string, attachment: Attachment, { signal, progress }: DownloadWork): Promise<Blob> {
    const parts: Blob[] = [];
    // What it will be, so that a server cannot make it endless.
    const most = attachment.size * 1.001 + 100;
    for (let at = 0, size = 1; at < size; ) {
      const part = await this.part(conversationId, attachment.id, at, signal);
      size = part.size;
      if (size > most || part.bytes.size === 0) throw new DamagedFile();
      parts.push(part.bytes);
      at += part.bytes.size;
      progress?.(at / size);
    }
    return new Blob(parts);
  }

  private async part(conversationId: string, id: string, first: number, signal: AbortSignal | undefined) {
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted();
      try {
        return await this.api.filePart(conversationId, id, { first, last: first + PART_BYTES - 1, ...(signal && { signal }) });
      } catch (error) {
        if (!isTransient(error) || attempt === ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
      }
    }
  }

  private keep(id: string, file: Blob): void {
    this.kept.set(id, file);
    let total = [...this.kept.values()].reduce((sum, each) => sum + each.size, 0);
    for (const [oldest, each] of this.kept) {
      if (total <= KEPT_BYTES) break;
      this.kept.delete(oldest);
      total -= each.size;
    }
  }
}
