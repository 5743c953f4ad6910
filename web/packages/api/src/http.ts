/** One request and its answer, JSON or a part of a file: a value, an ApiProblem, or Unreachable. */
import { ApiProblem, isProblemBody, isSessionLoss, Unreachable } from "./problem.ts";

export interface HttpOptions {
  /** Where the API is; "" for the page's own origin. */
  origin?: string;
  fetch?: typeof fetch;
  timeoutMilliseconds?: number;
  /** Told when the session is gone, after which the caller's promise rejects as well. */
  onSessionLost?: (problem: ApiProblem) => void;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A part of a file (RFC 9110 §14): its bytes, and how long the whole is. */
export interface FilePart {
  readonly bytes: Blob;
  readonly size: number;
}

/** Parts of files take longer than words, on a ward's Wi-Fi above all. */
const PART_MILLISECONDS = 120_000;

export class Http {
  private readonly origin: string;
  private readonly send: typeof fetch;
  private readonly timeout: number;
  private readonly onSessionLost: ((problem: ApiProblem) => void) | undefined;

  constructor(options: HttpOptions = {}) {
    this.origin = options.origin ?? "";
    this.send = options.fetch ?? ((input, init) => fetch(input, init));
    this.timeout = options.timeoutMilliseconds ?? 20_000;
    this.onSessionLost = options.onSessionLost;
  }

  async request<T>(method: Method, path: string, body?: unknown): Promise<T> {
    const headers = method === "GET" ? {} : { "Content-Type": "application/json" };
    const init: RequestInit = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    // What is given up as the page goes away is still said.
    if (method === "DELETE") init.keepalive = true;
    return this.read<T>(await this.exchange(path, init, AbortSignal.timeout(this.timeout)));
  }

  async putPart<T>(path: string, bytes: Blob, first: number, size: number, signal?: AbortSignal): Promise<T> {
    const range = `bytes ${first}-${first + bytes.size - 1}/${size}`;
    const headers = { "Content-Type": "application/octet-stream", "Content-Range": range };
    return this.read<T>(await this.exchange(path, { method: "PUT", headers, body: bytes }, partSignal(signal)));
  }

  /** From `first` up to and with `last`; the server may give less. */
  async getPart(path: string, first: number, last: number, signal?: AbortSignal): Promise<FilePart> {
    const answer = await this.exchange(path, { method: "GET", headers: { Range: `bytes=${first}-${last}` } }, partSignal(signal));
    if (answer.status !== 206) return this.read<FilePart>(answer);
    const size = Number(/\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "")?.[1]);
    if (!Number.isSafeInteger(size)) throw new Unreachable();
    try {
      return { bytes: await answer.blob(), size };
    } catch (cause) {
      throw signal?.aborted ? signal.reason : new Unreachable(cause);
    }
  }

  private async read<T>(answer: Response): Promise<T> {
    if (answer.status === 204 || answer.status === 202) return undefined as T;
    const value = await readJson(answer);
    if (answer.ok) return value as T;
    // A proxy's own error page is no answer of the server's.
    if (!isProblemBody(value)) throw new Unreachable();
    const problem = new ApiProblem({ ...value, status: answer.status });
    if (isSessionLoss(problem)) this.onSessionLost?.(problem);
    throw problem;
  }

  private async exchange(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const all: RequestInit = {
      ...init,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal,
      headers: { Accept: "application/json, application/problem+json", ...init.headers },
    };
    try {
      return await this.send(this.origin + path, all);
    } catch (cause) {
      // Given up by whoever asked, which is not the network's doing.
      if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason;
      throw new Unreachable(cause);
    }
  }
}

async function readJson(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch (cause) {
    throw new Unreachable(cause);
  }
}

function partSignal(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(PART_MILLISECONDS);
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === "TimeoutError";
