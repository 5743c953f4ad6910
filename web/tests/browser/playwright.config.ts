/**
 * Browser tests on Debian's Chromium. Screens and behaviour run over the in-memory double; the journey runs over a real server,
 * whose address is in WARDLINE_URL and whose file of demonstration accounts is in WARDLINE_ACCOUNTS (script/demo --smoke sets both).
 */
import { defineConfig } from "@playwright/test";
import { LAUNCH } from "./chromium.mjs";

const PORT = 4180;
const screen = (name: string, width: number, height: number, colorScheme: "light" | "dark") => ({
  name,
  testMatch: "screens.spec.ts",
  use: { viewport: { width, height }, colorScheme, hasTouch: width < 500 },
});

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
  reporter: [["list"]],
  use: { baseURL: `http://localhost:${PORT}`, locale: "en-GB", launchOptions: LAUNCH, contextOptions: { reducedMotion: "reduce" } },
  // The journey has its own server.
  ...(process.env["WARDLINE_URL"] === undefined && { webServer: { command: `node serve.mjs ../visual/dist ${PORT}`, url: `http://localhost:${PORT}`, reuseExistingServer: false } }),
  projects: [
    screen("desk-light", 1440, 900, "light"),
    screen("desk-dark", 1440, 900, "dark"),
    screen("phone-light", 390, 844, "light"),
    screen("phone-dark", 390, 844, "dark"),
    { name: "behaviour", testMatch: /(behaviour|files)\.spec\.ts/, use: { viewport: { width: 1440, height: 900 } } },
    travelled("journey", /journey(_files)?\.spec\.ts/),
    travelled("command-line", /command_line\.spec\.ts/),
  ],
});
