/** Debian's Chromium, quiet: nothing is fetched in the background, nothing is updated. */
import { chromium } from "@playwright/test";

export const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--font-render-hinting=none",
  ],
};

export const launch = () => chromium.launch(LAUNCH);

/** The night of the story, at a quarter to three. */
export const STORY_TIME = new Date("2026-03-15T02:41:00");
