/** What people have asked of their device is kept to: no motion, their own colours, letters twice as large. */
import { expect } from "@playwright/test";
import { Inbox } from "./pages/messages.ts";
import { open, test } from "./story.ts";

test("nothing moves where reduced motion is asked for, and something turns where it is not", async ({ page }) => {
  await open(page);
  await page.evaluate(() => window.double.troubles.fallBehind());
  await page.getByText("Catching up").waitFor();
  const running = () => page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === "running").length);
  await expect.poll(running).toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(running).toBeGreaterThan(0);
});

test("in the person's own colours, what is chosen and where one is are marked by a line", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await open(page);
  const inbox = new Inbox(page);
  await inbox.open("Jonas Park");
  const isOutlined = (element: Element) => getComputedStyle(element).outlineStyle !== "none";
  expect(await inbox.row("Jonas Park").evaluate(isOutlined)).toBe(true);
  expect(await inbox.row("Sara Weiss").evaluate(isOutlined)).toBe(false);
  expect(await page.locator(".segment", { hasText: "Routine" }).evaluate(isOutlined)).toBe(true);
  expect(await page.locator(".segment", { hasText: "Urgent" }).evaluate(isOutlined)).toBe(false);
});
