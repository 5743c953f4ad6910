/** What a person can do that needs the leading tab: done here if this tab leads, asked of the leader if not. */
import { ApiProblem, type Confirmed, isProblemBody, Unreachable, type ReceiptMarks } from "@wardline/api";
import type { TabChannel, TabMessage } from "@wardline/store";
import { GroupError } from "./group_error.ts";
import type { StartRequest } from "./groups.ts";
import { uuidv7 } from "./uuid.ts";

export interface Commands {
  flushOutbox(request: null): Promise<void>;
  sendAgain(request: { id: string }): Promise<void>;
  discard(request: { id: string }): Promise<void>;
  mark(request: { conversationId: string; marks: Partial<Omit<ReceiptMarks, "acknowledged">> }): Promise<void>;
  flushReceipts(request: null): Promise<void>;
  start(request: StartRequest): Promise<string>;
  addMembers(request: { conversationId: string; userIds: readonly string[]; confirmed?: Confirmed }): Promise<void>;
  removeMember(request: { conversationId: string; userId: string }): Promise<void>;
  typing(request: { conversationId: string }): Promise<void>;
  status(request: null): Promise<void>;
  /** The person says that a device added in their name is theirs. */
  deviceIsMine(request: { deviceId: string }): Promise<void>;
  checkDeviceLog(request: null): Promise<void>;
}

type Name = keyof Commands;
const ANSWER_MILLISECONDS = 30_000;

export class CommandRouter {
  private readonly channel: TabChannel;
  private leader: Commands | null = null;
  private readonly waiting = new Map<string, { resolve: (value: never) => void; reject: (error: unknown) => void }>();
  /** Asked before any tab led: done as soon as this one does. */
  private readonly unanswered = new Map<string, () => void>();

  constructor(channel: TabChannel) {
    this.channel = channel;
  }

  lead(commands: Commands): void {
    this.leader = commands;
    for (const again of [...this.unanswered.values()]) again();
  }

  run<N extends Name>(name: N, request: Parameters<Commands[N]>[0]): ReturnType<Commands[N]> {
    const leader = this.leader;
    // The two lookups go together by N, which TypeScript does not follow through an index.
    if (leader !== null) return (leader[name] as (value: typeof request) => ReturnType<Commands[N]>)(request);
    return this.ask(name, request) as ReturnType<Commands[N]>;
  }

  receive(message: TabMessage): void {
    if (message.kind === "ask") void this.answer(message);
    if (message.kind !== "answer") return;
    const asked = this.waiting.get(message.id);
    if (asked === undefined) return;
    if (message.error === undefined) asked.resolve(message.value as never);
    else asked.reject(reviveError(message.error));
  }

  private ask(name: Name, request: unknown): Promise<never> {
    const id = uuidv7();
    return new Promise<never>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Unreachable()), ANSWER_MILLISECONDS);
      this.waiting.set(id, { resolve, reject: (error) => reject(error as Error) });
      this.unanswered.set(id, () => {
        this.unanswered.delete(id);
        clearTimeout(timer);
        this.run(name, request as never).then(resolve as (value: unknown) => void, reject);
      });
      this.channel.post({ kind: "ask", id, command: name, request });
    }).finally(() => {
      this.waiting.delete(id);
      this.unanswered.delete(id);
    });
  }

  private async answer(message: Extract<TabMessage, { kind: "ask" }>): Promise<void> {
    if (this.leader === null) return;
    try {
      const value: unknown = await this.run(message.command as Name, message.request as never);
      this.channel.post({ kind: "answer", id: message.id, value });
    } catch (error) {
      this.channel.post({ kind: "answer", id: message.id, error: flattenError(error) });
    }
  }
}

function flattenError(error: unknown): unknown {
  if (error instanceof ApiProblem) return { problem: error.body };
  if (error instanceof GroupError) return { group: { code: error.code, userIds: error.userIds, detail: error.detail } };
  return { unreachable: true };
}

function reviveError(error: unknown): Error {
  const flat = error as { problem?: unknown; group?: { code: GroupError["code"]; userIds: string[]; detail?: string } };
  if (isProblemBody(flat.problem)) return new ApiProblem(flat.problem);
  if (flat.group !== undefined) return new GroupError(flat.group.code, flat.group.userIds, flat.group.detail);
  return new Unreachable();
}
