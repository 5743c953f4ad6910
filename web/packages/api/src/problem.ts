/** RFC 9457 problems as typed errors, and the one error for "no answer at all". */

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  [fact: string]: unknown;
}

const PREFIX = "urn:wardline:problem:";

/** The server answered, and the answer is no. `code` is what callers branch on; `title` and `detail` are for people. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(`${body.status} ${body.type}`);
    this.name = "ApiProblem";
    this.code = body.type.startsWith(PREFIX) ? body.type.slice(PREFIX.length) : body.type;
    this.status = body.status;
    this.body = body;
  }

  /** A whole number among the facts of the problem, such as `current_epoch`. */
  number(fact: string): number | undefined {
    const value = this.body[fact];
    return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
  }
}

/** No usable answer: offline, the server away, a proxy in between. Trying again later is right. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("unreachable", { cause });
    this.name = "Unreachable";
  }
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}

/** True where the same request may succeed later without anybody changing it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof ApiProblem && (error.status === 429 || error.status >= 500);
}

const SESSION_CODES = new Set(["no-session", "session-ended", "sign-in-needed", "device-needed"]);

/** True where the session is what is missing: signed out, ended, or not bound to a device any more. A wrong code is not that. */
export function isSessionLoss(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && SESSION_CODES.has(error.code);
}

export function isProblemBody(value: unknown): value is ProblemBody {
  if (typeof value !== "object" || value === null) return false;
  const body = value as Record<string, unknown>;
  return typeof body["type"] === "string" && typeof body["status"] === "number";
}
