import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerFrame } from "./frames.ts";
import { Backoff } from "./backoff.ts";
import { ReconnectingSocket, type SocketState } from "./socket.ts";

class Line {
  static all: Line[] = [];
  readyState = 0;
  said: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(_url: string) {
    Line.all.push(this);
  }
  send(text: string) {
    this.said.push(text);
  }
  close() {
    this.readyState = 3;
  }
  async accept() {
    this.readyState = 1;
    this.onopen?.();
    await vi.advanceTimersByTimeAsync(0);
  }
  push(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  drop() {
    this.readyState = 3;
    this.onclose?.();
  }
}

const READY: ServerFrame = { type: "ready", device_id: "d", server_time_at: 0 };

function connect() {
  const states: SocketState[] = [];
  const frames: ServerFrame[] = [];
  const cursors = vi.fn(async () => [{ conversation_id: "c", after: 4 }]);
  const socket = new ReconnectingSocket(
    { url: "wss://x/v1/socket", WebSocket: Line as unknown as typeof WebSocket, random: () => 1 },
    { cursors, frame: (frame) => frames.push(frame), state: (state) => states.push(state) },
  );
  socket.start();
  return { socket, states, frames, cursors };
}

beforeEach(() => {
  vi.useFakeTimers();
  Line.all = [];
});
afterEach(() => vi.useRealTimers());

describe("the socket", () => {
  it("says hello with its cursors before anything else and is ready only after the backlog", async () => {
    const { socket, states } = connect();
    expect(socket.send({ type: "typing", conversation_id: "c" })).toBe(false);
    await Line.all[0]!.accept();
    expect(Line.all[0]!.said).toEqual(['{"type":"hello","cursors":[{"conversation_id":"c","after":4}]}']);
    Line.all[0]!.push(READY);
    expect(states).toEqual(["connecting", "open", "ready"]);
  });

  it("comes back with growing pauses and with the cursors of that moment", async () => {
    const { cursors } = connect();
    Line.all[0]!.drop();
    await vi.advanceTimersByTimeAsync(499);
    expect(Line.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(Line.all).toHaveLength(2);
    Line.all[1]!.drop();
    await vi.advanceTimersByTimeAsync(999);
    expect(Line.all).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    cursors.mockResolvedValue([{ conversation_id: "c", after: 9 }]);
    await Line.all[2]!.accept();
    expect(Line.all[2]!.said[0]).toContain('"after":9');
  });

  it("does not wait out the pause when the network is back", async () => {
    const { socket } = connect();
    Line.all[0]!.drop();
    socket.nudge();
    expect(Line.all).toHaveLength(2);
  });

  it("gives up a line that does not answer a ping", async () => {
    const { states } = connect();
    await Line.all[0]!.accept();
    Line.all[0]!.push(READY);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(Line.all[0]!.said.at(-1)).toContain("ping");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(states.at(-1)).toBe("waiting");
  });

  it("stays closed once stopped", async () => {
    const { socket, states } = connect();
    socket.stop();
    Line.all[0]!.drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.all).toHaveLength(1);
    expect(states.at(-1)).toBe("closed");
  });

  it("passes over what is no frame", async () => {
    const { frames } = connect();
    await Line.all[0]!.accept();
    Line.all[0]!.onmessage!({ data: "{" });
    Line.all[0]!.onmessage!({ data: new ArrayBuffer(2) });
    expect(frames).toEqual([]);
  });
});

describe("back-off", () => {
  it("grows to its maximum, spreads by jitter and starts over after success", () => {
    const high = new Backoff({ firstMilliseconds: 100, maximumMilliseconds: 1000, random: () => 1 });
    expect([high.next(), high.next(), high.next(), high.next(), high.next()]).toEqual([100, 200, 400, 800, 1000]);
    high.reset();
    expect(high.next()).toBe(100);
    const low = new Backoff({ firstMilliseconds: 100, maximumMilliseconds: 1000, random: () => 0 });
    expect([low.next(), low.next()]).toEqual([50, 50]);
  });
});
