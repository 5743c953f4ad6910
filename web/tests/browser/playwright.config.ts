/**
 * Browser tests on Debian's Chromium. Screens and behaviour run over the in-memory double; the journey runs over a real server,
 * whose address is in WARDLINE_URL and whose file of demonstration accounts is in WARDLINE_ACCOUNTS (script/demo --smoke sets both).
 */
import { defineConfig } from "@playwright/test";
import { LAUNCH } from "./chromium.mjs";

const screen = (name: string, width: number, height: number) => ({ name, testMatch: "screens.spec.ts", use: { viewport: { width, height }, hasTouch: width < 500 } });

/** Over the real server. */
const travelled = (name: string, testMatch: RegExp) => ({
  name,
  testMatch,
  timeout: 180_000,
  use: { actionTimeout: 15_000, ignoreHTTPSErrors: true, baseURL: process.env["WARDLINE_URL"] ?? "", viewport: { width: 1440, height: 900 } },
});

export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results",
  // The journey is one story after the other; the screens know nothing of each other.
  workers: process.env["WARDLINE_URL"] === undefined ? 2 : 1,
  fullyParallel: process.env["WARDLINE_URL"] === undefined,
  // A busy ward PC is slow too: what is looked for is given time, and no test asserts a duration.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // A machine that stands still for a while is no fault of a screen: looked at once more, and called flaky in the list.
  retries: 1,
  reporter: [["list"]],
  use: { locale: "en-GB", launchOptions: LAUNCH, contextOptions: { reducedMotion: "reduce" } },
  projects: [
    screen("desk", 1440, 900),
    screen("phone", 390, 844),
    // A desk at 200 %: half as many of everything (WCAG 1.4.4).
    { ...screen("zoomed", 720, 450), grep: /(sign-in|set-up|the inbox|a group|critical conversation|ready to go|to confirm|security|on hold.*): acc/ },
    { name: "behaviour", testMatch: /\/(acknowledging|arriving|behaviour|files|preferences|writing_to)\.spec\.ts$/, use: { viewport: { width: 1440, height: 900 } } },
    travelled("journey", /journey(_files)?\.spec\.ts/),
    travelled("command-line", /command_line\.spec\.ts/),
  ],
});
