/** Files for the story: an ECG, drawn here, and a report, ready to be put into a conversation. */
import { encodeBase64Url } from "@wardline/api";
import { type Attachment, uuidv7 } from "@wardline/messaging";
import { doubleFileCipher, type DoubleServer } from "@wardline/tests/double";

export interface Prepared {
  readonly attachment: Attachment;
  readonly ciphertext: Blob;
}

export async function prepare(file: Blob, name: string): Promise<Prepared> {
  const { ciphertext, sha256, key } = await doubleFileCipher.encrypt(file);
  const attachment = { id: uuidv7(), name, type: file.type, size: file.size, key: encodeBase64Url(key), sha256: encodeBase64Url(sha256) };
  return { attachment, ciphertext };
}

export function put(server: DoubleServer, conversationId: string, { attachment, ciphertext }: Prepared): Attachment {
  const { id, sha256 } = attachment;
  server.files.all.set(id, { file_id: id, conversationId, size: ciphertext.size, sha256, content: ciphertext, complete: true });
  return attachment;
}

/** Squared paper and a rhythm that is anything but regular. */
export async function electrocardiogram(): Promise<Blob> {
  const canvas = new OffscreenCanvas(900, 520);
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = "#fdf3ef";
  pen.fillRect(0, 0, 900, 520);
  for (let at = 0; at < 900; at += 10) {
    pen.strokeStyle = at % 50 === 0 ? "#e7a79b" : "#f5d9d2";
    pen.strokeRect(at, -1, 10, 522);
    pen.strokeRect(-1, at, 902, 10);
  }
  pen.strokeStyle = "#20242a";
  pen.lineWidth = 2;
  for (let lead = 0; lead < 4; lead += 1) {
    const base = 80 + lead * 120;
    pen.beginPath();
    pen.moveTo(0, base);
    let beat = 30 + lead * 7;
    for (let x = 0; x < 900; x += 1) {
      const from = x - beat;
      if (from > 62 + ((x * 7 + lead * 31) % 47)) beat = x;
      const spike = Math.exp(-((from - 12) ** 2) / 6) * -58 + Math.exp(-((from - 17) ** 2) / 8) * 22 + Math.exp(-((from - 34) ** 2) / 60) * -12;
      pen.lineTo(x, base + spike + Math.sin(x / 3) * 1.5);
    }
    pen.stroke();
  }
  return canvas.convertToBlob({ type: "image/png" });
}
