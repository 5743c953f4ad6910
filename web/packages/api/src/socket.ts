/** The socket that stays: it reconnects, says hello with the cursors of the moment, keeps itself alive, and reports its state. */
import { Backoff } from "./backoff.ts";
import type { ClientFrame, Cursor, ServerFrame } from "./frames.ts";

/** `open`: connected, the backlog is on its way. `ready`: everything that was stored is here. */
export type SocketState = "closed" | "connecting" | "open" | "ready" | "waiting";

export interface SocketListener {
  cursors(): Promise<Cursor[]>;
  frame(frame: ServerFrame): void;
  state(state: SocketState): void;
}

export interface LiveSocket {
  readonly state: SocketState;
  start(): void;
  /** False when it is not connected: the caller keeps what it wanted to say. */
  send(frame: ClientFrame): boolean;
  /** The network may be back: don't wait out the pause. */
  nudge(): void;
  stop(): void;
}

export type OpenSocket = (listener: SocketListener) => LiveSocket;

export interface SocketOptions {
  url: string;
  WebSocket?: typeof WebSocket;
  random?: () => number;
  pingMilliseconds?: number;
  pongMilliseconds?: number;
}

export class ReconnectingSocket implements LiveSocket {
  private socket: WebSocket | null = null;
  private current: SocketState = "closed";
  private retry: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setTimeout> | undefined;
  private pings = 0;
  private readonly backoff: Backoff;
  private readonly options: SocketOptions;
  private readonly listener: SocketListener;

  constructor(options: SocketOptions, listener: SocketListener) {
    this.options = options;
    this.listener = listener;
    const random = options.random;
    this.backoff = new Backoff({ firstMilliseconds: 500, maximumMilliseconds: 30_000, ...(random && { random }) });
  }

  get state(): SocketState {
    return this.current;
  }

  start(): void {
    if (this.current === "closed" || this.current === "waiting") this.connect();
  }

  nudge(): void {
    if (this.current === "waiting") this.connect();
    else if (this.current === "open" || this.current === "ready") this.ping();
  }

  stop(): void {
    clearTimeout(this.retry);
    this.become("closed");
    this.detach();
  }

  send(frame: ClientFrame): boolean {
    if (this.socket?.readyState !== 1 || this.current === "connecting") return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.detach();
    this.become("connecting");
    const socket = new (this.options.WebSocket ?? WebSocket)(this.options.url);
    this.socket = socket;
    socket.onopen = () => void this.greet(socket);
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => this.lost(socket);
    this.armHeartbeat(this.options.pongMilliseconds ?? 15_000, () => this.lost(socket));
  }

  private async greet(socket: WebSocket): Promise<void> {
    const cursors = await this.listener.cursors().catch(() => null);
    if (this.socket !== socket) return;
    if (cursors === null) return this.lost(socket);
    socket.send(JSON.stringify({ type: "hello", cursors } satisfies ClientFrame));
    this.become("open");
    this.expectTraffic();
  }

  private receive(data: unknown): void {
    const frame = parseFrame(data);
    if (frame === null) return;
    this.expectTraffic();
    if (frame.type === "ready") {
      this.backoff.reset();
      this.become("ready");
    }
    this.listener.frame(frame);
  }

  /** Any frame proves the line; after a quiet while we ask, and a question without an answer means the line is dead. */
  private expectTraffic(): void {
    this.armHeartbeat(this.options.pingMilliseconds ?? 30_000, () => this.ping());
  }

  private ping(): void {
    const socket = this.socket;
    if (socket === null || !this.send({ type: "ping", ref: ++this.pings })) return;
    this.armHeartbeat(this.options.pongMilliseconds ?? 15_000, () => this.lost(socket));
  }

  private armHeartbeat(milliseconds: number, action: () => void): void {
    clearTimeout(this.heartbeat);
    this.heartbeat = setTimeout(action, milliseconds);
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket || this.current === "closed") return;
    this.detach();
    this.become("waiting");
    this.retry = setTimeout(() => this.connect(), this.backoff.next());
  }

  private detach(): void {
    clearTimeout(this.heartbeat);
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private become(state: SocketState): void {
    if (this.current === state) return;
    this.current = state;
    this.listener.state(state);
  }
}

function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
      ? (value as ServerFrame)
      : null;
  } catch {
    return null;
  }
}

/** The socket of the page's own origin. */
export function openSocketAt(location: { protocol: string; host: string }): OpenSocket {
  const scheme = location.protocol === "http:" ? "ws:" : "wss:";
  return (listener) => new ReconnectingSocket({ url: `${scheme}//${location.host}/v1/socket` }, listener);
}
