/** Who came and who went, as people see it: somebody with two devices is one person, and a new device of a member is nobody new. */
import type { MemberDevice } from "@wardline/mls/engine";

export interface Comings {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** The devices of a group after a commit. A device that joins anew is removed and added by the same commit. */
export function devicesAfter(before: readonly MemberDevice[], { added, removed }: { readonly added: readonly MemberDevice[]; readonly removed: readonly MemberDevice[] }): MemberDevice[] {
  const gone = new Set(removed.map((device) => device.deviceId));
  return [...before.filter((device) => !gone.has(device.deviceId)), ...added];
}

export function comings(before: readonly MemberDevice[], after: readonly MemberDevice[]): Comings {
  const usersOf = (devices: readonly MemberDevice[]) => [...new Set(devices.map((device) => device.userId))];
  const without = (users: readonly string[], others: readonly string[]) => users.filter((user) => !others.includes(user));
  const [then, now] = [usersOf(before), usersOf(after)];
  return { added: without(now, then), removed: without(then, now) };
}
