/** One JSON request and its answer: a value, an ApiProblem, or Unreachable. */
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
    const answer = await this.exchange(method, path, body);
    if (answer.status === 204 || answer.status === 202) return undefined as T;
    const value = await readJson(answer);
    if (answer.ok) return value as T;
    // A proxy's own error page is no answer of the server's.
    if (!isProblemBody(value)) throw new Unreachable();
    const problem = new ApiProblem({ ...value, status: answer.status });
    if (isSessionLoss(problem)) this.onSessionLost?.(problem);
    throw problem;
  }

  private async exchange(method: Method, path: string, body: unknown): Promise<Response> {
    const init: RequestInit = {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(this.timeout),
      headers: { Accept: "application/json, application/problem+json" },
    };
    if (method !== "GET") {
      init.headers = { ...init.headers, "Content-Type": "application/json" };
      if (body !== undefined) init.body = JSON.stringify(body);
    }
    try {
      return await this.send(this.origin + path, init);
    } catch (cause) {
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
