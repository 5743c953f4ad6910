/** Opens the app over the double at a quarter to three in the story's night. */
import { expect, type Page, test as base } from "@playwright/test";
import { STORY_TIME } from "./chromium.mjs";

declare global {
  interface Window {
    double: { browser: { goOffline(): void; goOnline(): void; endSession(): void }; session: { sessionLost(reason: string): void }; lies: { rewriteTheLog(): Promise<void>; slipGhostIn(): void; addDeviceInMyName(): Promise<void> } };
  }
}

export const test = base.extend<{ complaints: string[] }>({
  // Whatever the browser complains about fails the test: a blocked style, an uncaught error, a missing file.
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export async function open(page: Page, start: "inbox" | "signed-out" | "enrol" | "empty" = "inbox"): Promise<void> {
  await page.clock.setFixedTime(STORY_TIME);
  await page.goto(start === "inbox" ? "/" : `/?start=${start}`);
  if (start === "inbox" || start === "empty") await page.locator("html[data-story=told]").waitFor();
  // The last thing that is said: with it everything is in its place.
  if (start === "inbox") await page.getByText("Seeing her now").first().waitFor();
}
