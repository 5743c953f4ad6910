/** Puts the parts together and draws the app. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createHttpApi, openSocketAt } from "@wardline/api";
import { SessionController } from "@wardline/messaging";
import { electByWebLock, openTabChannel } from "@wardline/store";
import { App } from "./index.ts";
import { loadEngine, loadFileCipher } from "./engine.ts";

const api = createHttpApi({
  onSessionLost: (problem) => {
    if (session.state.get().stage === "ready") session.sessionLost(problem.code);
  },
});
const session = new SessionController({ api, openSocket: openSocketAt(location), loadEngine, loadFileCipher, openTabChannel, elect: electByWebLock });

// Without this the browser may drop the sealed store when the disk is tight, and with it what was not sent yet.
void navigator.storage?.persist?.();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App session={session} api={api} />
  </StrictMode>,
);
