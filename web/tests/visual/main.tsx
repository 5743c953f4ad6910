/** The whole app over the double. `?start=` signed-out, enrol, offline, empty or long show the other beginnings. */
import { createRoot } from "react-dom/client";
import { App } from "@wardline/app";
import { SessionController } from "@wardline/messaging";
import { AMARA, createDoubleEngine, DoubleBrowser, doubleFileCipher, Tabs } from "@wardline/tests/double";
import { electrocardiogram, prepare } from "./pictures.ts";
import { Lies } from "./lies.ts";
import { tellLongNames } from "./long_names.ts";
import { hospital, onCallRoles, tellTheNight } from "./story.ts";
import { Troubles } from "./troubles.ts";

const start = new URLSearchParams(location.search).get("start") ?? "inbox";
const server = hospital();
const browser = new DoubleBrowser(server, {
  userId: AMARA.user_id,
  signedIn: !["signed-out", "enrol"].includes(start),
  enrolled: start !== "enrol",
  onCall: () => onCallRoles(server),
});
browser.online = start !== "offline";
const tabs = new Tabs();
const session = new SessionController({
  api: browser.api,
  openSocket: browser.openSocket,
  loadEngine: async () => createDoubleEngine,
  loadFileCipher: async () => doubleFileCipher,
  openTabChannel: tabs.openTabChannel,
  elect: tabs.elect,
  proofWaits: [50],
});
Object.assign(window, { double: { server, browser, session, lies: new Lies(server, session), troubles: new Troubles(server, browser) } });

const files = {
  ecg: await prepare(await electrocardiogram(), "ECG bed 12.png"),
  report: await prepare(new Blob(["%PDF-1.7", new Uint8Array(183_204)], { type: "application/pdf" }), "Cardiology report 14 March.pdf"),
};
const waiting = setInterval(() => {
  const deviceId = browser.deviceId;
  if (deviceId === null || (server.keyPackages.get(deviceId)?.length ?? 0) === 0) return;
  clearInterval(waiting);
  const me = { userId: AMARA.user_id, deviceId };
  if (start === "long") tellLongNames(server, me, files.report);
  else if (start !== "empty") Object.assign(window, { voices: tellTheNight(server, me, files) });
  document.documentElement.dataset["story"] = "told";
}, 20);

createRoot(document.getElementById("root")!).render(<App session={session} api={browser.api} />);
