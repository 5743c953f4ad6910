/** This browser as a device: a key that cannot be copied out of it, registered with the organisation, proved at each sign-in. */
import { decodeBase64Url, encodeBase64Url, isProblem, Unreachable, type DeviceEnrolment, type Session, type WardlineApi } from "@wardline/api";
import { createLocalKey, type DeviceRecord, keepDevice } from "@wardline/store";
import { signDer } from "./ecdsa.ts";
import { uuidv7 } from "./uuid.ts";

type Enrolled = Pick<DeviceEnrolment, "certificate_chain" | "storage_share">;

export type SetupStep = "key" | "register" | "store" | "join";

const PROOF_LABEL = "wardline device session v1";

async function proveKey(api: WardlineApi, key: CryptoKey): Promise<{ challenge: string; signature: string }> {
  const { challenge } = await api.sessionChallenge();
  const label = new TextEncoder().encode(PROOF_LABEL);
  const bytes = decodeBase64Url(challenge);
  const message = new Uint8Array(label.length + 1 + bytes.length);
  message.set(label);
  message.set(bytes, label.length + 1);
  return { challenge, signature: encodeBase64Url(await signDer(key, message)) };
}

/** Registers this browser. The record is kept before the server hears of it, so that a crash leaves a key that can be reused. */
export async function enrolDevice(
  api: WardlineApi,
  userId: string,
  unfinished: DeviceRecord | undefined,
  name: string,
  step: (step: SetupStep) => void,
): Promise<{ device: DeviceRecord; enrolment: Enrolled }> {
  step("key");
  const fresh = unfinished ?? (await createDevice(userId));
  await keepDevice(fresh);
  step("register");
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", fresh.signatureKey.publicKey));
  const enrolment = await api
    .enrolDevice({
      device_id: fresh.deviceId,
      name,
      signature_key: encodeBase64Url(publicKey),
      ...(await proveKey(api, fresh.signatureKey.privateKey)),
    })
    .catch((error: unknown) => {
      if (isProblem(error, "device-exists")) return takeUpEnrolment(api, fresh);
      throw error;
    });
  const device: DeviceRecord = { ...fresh, certificateChain: enrolment.certificate_chain.map(decodeBase64Url) };
  await keepDevice(device);
  return { device, enrolment };
}

/** The server registered this device before and its answer was lost: what it said then can be asked for again. */
async function takeUpEnrolment(api: WardlineApi, device: DeviceRecord): Promise<Enrolled> {
  const bound = await bindDevice(api, device);
  if (bound.device === null) throw new Unreachable();
  const [{ device_ca }, { storage_share }] = [await api.deliveryService(), await api.storageShare()];
  return { certificate_chain: [bound.device.certificate, device_ca], storage_share };
}

/** Whether the server still knows this device; a proof that fails does not say why, on purpose. */
export async function isStillRegistered(api: WardlineApi, deviceId: string): Promise<boolean> {
  const { devices } = await api.devices();
  return devices.some((device) => device.device_id === deviceId && device.revoked_at === undefined);
}

export async function bindDevice(api: WardlineApi, device: DeviceRecord): Promise<Session> {
  return api.bindDevice({ device_id: device.deviceId, ...(await proveKey(api, device.signatureKey.privateKey)) });
}

async function createDevice(userId: string): Promise<DeviceRecord> {
  const signatureKey = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  return { userId, deviceId: uuidv7(), signatureKey, localKey: await createLocalKey(), certificateChain: [] };
}

/** A name that its owner recognises in the list of devices, such as "Chrome on Windows". */
export function describeBrowser(agent: string): string {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrome\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "Browser";
  const system = /iPhone/.test(agent) ? "iPhone" : /iPad/.test(agent) ? "iPad" : /Android/.test(agent) ? "Android" : /Windows/.test(agent) ? "Windows" : /Mac OS X/.test(agent) ? "Mac" : /Linux/.test(agent) ? "Linux" : "";
  return system === "" ? browser : `${browser} on ${system}`;
}
