/** Opens the app over the double at a quarter to three in the story's night. */
import { resolve } from "node:path";
import { expect, type Page, test as base } from "@playwright/test";
import { STORY_TIME } from "./chromium.mjs";
import { serve } from "./serve.mjs";

declare global {
  interface Window {
    voices: Record<"jonas" | "wei", (text: string, options?: { priority?: "urgent" | "critical"; acknowledge?: boolean }) => void>;
    double: {
      server: { reasons: readonly { user_ids: readonly string[]; reason: string }[] };
      browser: { goOffline(): void; goOnline(): void; endSession(): void };
      session: { sessionLost(reason: string): void };
      lies: { rewriteTheLog(): Promise<void>; slipGhostIn(): void; addDeviceInMyName(): Promise<void> };
      troubles: { end(): void; hang(call: string): void; hold(call: string): void; refuse(call: string, code: string, status: number, detail?: string): void; fallBehind(): void };
    };
  }
}

export const test = base.extend<{ complaints: string[] }, { address: string }>({
  // Each worker serves the app by itself, at whatever port is free: two runs on one machine never meet.
  address: [
    async ({}, use) => {
      const { address, stop } = await serve(resolve(import.meta.dirname, "../visual/dist"));
      await use(address);
      await stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ address }, use) => use(address),
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

export type Start = "inbox" | "signed-out" | "enrol" | "empty" | "offline" | "long";

export async function open(page: Page, start: Start = "inbox", path = "/"): Promise<void> {
  await page.clock.setFixedTime(STORY_TIME);
  await page.goto(start === "inbox" ? path : `${path}?start=${start}`);
  if (start === "inbox" || start === "empty" || start === "long") await page.locator("html[data-story=told]").waitFor();
  // The last conversation of the night: with it everything is in its place. Beside another page a phone does not show the list.
  if (start === "inbox") await page.getByText("Potassium 6.8 mmol/L").first().waitFor({ state: path === "/" ? "visible" : "attached" });
}
