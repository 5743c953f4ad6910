/** Files in memory: what the server keeps of them, and a cipher that turns each byte over, so that what was not opened shows. */
import { encodeBase64Url, type FileUpload, type NewFile } from "@wardline/api";
import type { EncryptedFile, FileCipher } from "@wardline/mls";
import { problem } from "./server.ts";

const PART_BYTES = 1 << 20;
export const MOST_BYTES = 20 << 20;

interface StoredFile extends NewFile {
  readonly conversationId: string;
  content: Blob;
  complete: boolean;
}

export class DoubleFiles {
  readonly all = new Map<string, StoredFile>();

  begin(conversationId: string, file: NewFile): FileUpload {
    if (file.size > MOST_BYTES) throw problem("file-too-large", 413, { max_bytes: MOST_BYTES });
    const known = this.all.get(file.file_id) ?? { ...file, conversationId, content: new Blob(), complete: false };
    this.all.set(file.file_id, known);
    return this.standing(known);
  }

  put(conversationId: string, id: string, bytes: Blob, first: number): FileUpload {
    const file = this.find(conversationId, id);
    if (first !== file.content.size) throw problem("wrong-offset", 409, { received: file.content.size });
    file.content = new Blob([file.content, bytes]);
    return this.standing(file);
  }

  async finish(conversationId: string, id: string): Promise<FileUpload> {
    const file = this.find(conversationId, id);
    if (file.content.size < file.size) throw problem("upload-incomplete", 409, { received: file.content.size });
    if (encodeBase64Url(await digest(file.content)) !== file.sha256) throw problem("digest-mismatch", 422);
    file.complete = true;
    return this.standing(file);
  }

  part(conversationId: string, id: string, first: number, last: number): { bytes: Blob; size: number } {
    const file = this.find(conversationId, id);
    if (!file.complete) throw problem("file-not-found", 404);
    return { bytes: file.content.slice(first, Math.min(last, first + PART_BYTES - 1) + 1), size: file.content.size };
  }

  private find(conversationId: string, id: string): StoredFile {
    const file = this.all.get(id);
    if (file?.conversationId !== conversationId) throw problem("file-not-found", 404);
    return file;
  }

  private standing({ file_id, content, complete }: StoredFile): FileUpload {
    return { file_id, received: content.size, complete, part_bytes: PART_BYTES, expires_at: 0 };
  }
}

const digest = async (blob: Blob) => new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
const turned = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer()).map((byte) => byte ^ 0xff);

export const doubleFileCipher: FileCipher = {
  async encrypt(file, work): Promise<EncryptedFile> {
    const ciphertext = new Blob([await turned(file)]);
    work?.progress?.(1);
    return { ciphertext, sha256: await digest(ciphertext), key: new Uint8Array(32).fill(7) };
  },
  async decrypt(file, type) {
    const isWhole = encodeBase64Url(await digest(file.ciphertext)) === encodeBase64Url(file.sha256);
    if (!isWhole) throw Object.assign(new Error("damaged"), { name: "FileError" });
    return new Blob([await turned(file.ciphertext)], { type });
  },
};
