/** Keeps enough key packages on the server, and their private parts here. */
import { encodeBase64Url } from "@wardline/api";
import type { LeadingCore } from "./core.ts";

const WANTED = 50;
const LOW = 20;
const LAST_RESORT = "last_resort_key_package";

export async function refillKeyPackages(core: LeadingCore): Promise<void> {
  const { available, has_last_resort } = await core.api.keyPackages();
  if (available >= LOW && has_last_resort) return;
  const count = available >= LOW ? 0 : WANTED - available;
  const made = [...(await core.engine.keyPackages({ count, lastResort: !has_last_resort }))];
  // Private parts first: a package that the server hands out must be one that we can open.
  await core.store.write(made.map((item) => ({ table: "key_packages" as const, key: item.reference, value: item.sealedPrivate })));
  const last = has_last_resort ? undefined : made.pop();
  if (last !== undefined) await core.store.write([{ table: "facts", key: LAST_RESORT, value: last.reference }]);
  await core.api.putKeyPackages({
    key_packages: made.map((item) => encodeBase64Url(item.keyPackage)),
    ...(last && { last_resort: encodeBase64Url(last.keyPackage) }),
  });
}

export const findPrivate = async (core: LeadingCore, reference: string): Promise<Uint8Array | null> =>
  (await core.store.get<Uint8Array>("key_packages", reference)) ?? null;

/** Used once, gone; the last-resort one stays until it is replaced. */
export const isLastResort = async (core: LeadingCore, reference: string): Promise<boolean> =>
  (await core.store.get<string>("facts", LAST_RESORT)) === reference;
