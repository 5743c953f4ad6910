/** Whether one may write to somebody, and how it is said where one may not: for a new message and for adding people. */
import { isProblem, type SendDecision } from "@wardline/api";
import { GroupError } from "@wardline/messaging";
import { listOf, t } from "../../text/index.ts";

export async function permitted(asked: Promise<SendDecision>): Promise<SendDecision> {
  const decision = await asked;
  if (!decision.permit) throw new Refused(decision.denied?.text);
  return decision;
}

class Refused extends Error {}

/** `unreachable`: what to say where the server did not answer. */
export function explain(error: unknown, nameOf: (userId: string) => string, unreachable: string): string {
  if (error instanceof Refused) return t.compose.refused(error.message);
  if (error instanceof GroupError) return explainGroup(error, nameOf);
  return isProblem(error) ? t.compose.refused(error.body.detail ?? error.body.title) : unreachable;
}

function explainGroup({ code, userIds, detail }: GroupError, nameOf: (userId: string) => string): string {
  switch (code) {
    case "without-device":
      return `${t.compose.noDeviceTitle(listOf(userIds.map(nameOf)))}. ${t.person.noDeviceHint}`;
    case "busy":
      return t.compose.busy;
    case "untrusted-device":
      return t.trust.untrustedDevice;
    case "log-alarm":
      return t.trust.logAlarm;
    case "refused":
      return t.compose.refused(detail ?? "");
  }
}
