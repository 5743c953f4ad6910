/** Why a conversation could not begin or change, in terms that a view can put into words. */
export class GroupError extends Error {
  readonly code:
    | "without-device"
    | "refused"
    | "busy"
    /** A device that the organisation's device log does not have: it may be anybody's (ENC-8). */
    | "untrusted-device"
    /** The device log itself cannot be trusted. */
    | "log-alarm";
  readonly userIds: readonly string[];
  readonly detail: string | undefined;

  constructor(code: GroupError["code"], userIds: readonly string[] = [], detail?: string) {
    super(code);
    this.name = "GroupError";
    this.code = code;
    this.userIds = userIds;
    this.detail = detail;
  }
}

export const isUntrusted = (error: unknown): boolean =>
  error instanceof GroupError && (error.code === "untrusted-device" || error.code === "log-alarm");
