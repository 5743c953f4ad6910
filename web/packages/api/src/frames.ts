/** The frames of the socket, docs/api.md "The socket". */
import type { Entry, Microseconds, NewMessage, ReceiptMarks } from "./types.ts";
import type { ProblemBody } from "./problem.ts";

export interface Cursor {
  conversation_id: string;
  after: number;
}

export type ClientFrame =
  | { type: "hello"; cursors: Cursor[] }
  | ({ type: "send"; ref: number; conversation_id: string } & NewMessage)
  | ({ type: "receipt"; conversation_id: string } & Partial<ReceiptMarks>)
  | { type: "typing"; conversation_id: string }
  | { type: "ping"; ref: number };

export type ServerFrame =
  | { type: "ready"; device_id: string; server_time_at: Microseconds }
  | ({ type: "entry" } & Entry)
  | { type: "sent"; ref: number; conversation_id: string; sequence: number; stored_at: Microseconds }
  | { type: "refused"; ref: number; problem: ProblemBody }
  | ({ type: "receipts"; conversation_id: string; user_id: string } & ReceiptMarks)
  | { type: "welcome"; conversation_id: string }
  | { type: "typing"; conversation_id: string; user_id: string }
  | { type: "behind" }
  | { type: "pong"; ref: number }
  | { type: "session-ended"; reason: string };
