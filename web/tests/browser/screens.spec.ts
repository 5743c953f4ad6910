/** Every screen, on a desk and on a phone, in light and dark: accessible, inside the window, targets large enough (OPS-5). */
import AxeBuilder from "@axe-core/playwright";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { walkByKeyboard } from "./keyboard.ts";
import { SCREENS } from "./screens/index.ts";
import { test } from "./story.ts";

/** Where pictures of every screen go, for somebody to look at: `npm run pictures`. */
const { WARDLINE_PICTURES: pictures } = process.env;

for (const [name, go] of Object.entries(SCREENS)) {
  test(`${name}: accessible and inside the window, in light and dark`, async ({ page }, { project }) => {
    await page.emulateMedia({ colorScheme: "light" });
    await go(page);
    expect(await violations(page), "accessible").toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(width, "nothing sticks out to the side").toBe(0);
    expect(await smallTargets(page), "targets of at least 44 px").toEqual([]);
    await takePicture(page, `${name} ${project.name} light`);
    // The same page in other colours: nothing but contrast can differ.
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await violations(page, "color-contrast"), "accessible in the dark").toEqual([]);
    await takePicture(page, `${name} ${project.name} dark`);
    if (project.name === "desk") expect(await walkByKeyboard(page), "by keyboard").toEqual([]);
  });
}

/** The page behind a dialog is hidden from everybody, with its heading and its landmarks. */
const BEHIND_A_DIALOG = ["landmark-one-main", "page-has-heading-one"];

async function violations(page: Page, rule?: string): Promise<string[]> {
  const isDialog = (await page.locator("[role=dialog], [role=alertdialog]").count()) > 0;
  // In the page itself: there are no frames to wait for, and a second page would take the focus from this one.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).disableRules(isDialog ? BEHIND_A_DIALOG : []);
  const { violations } = await (rule === undefined ? axe.withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]) : axe.withRules(rule)).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name.replaceAll(/[^a-z0-9-]+/gi, "-")}.png`) });
}

/** Buttons and links that a finger could miss. Links inside a sentence and the line under a bubble are WCAG's exceptions. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const inSentence = ".link, .below.press, .skip";
    return [...document.querySelectorAll<HTMLElement>("button, a[href], select, label:has([type=radio], [type=checkbox])")]
      .filter((element) => !element.matches(inSentence) && element.checkVisibility() && element.closest("[inert], [aria-hidden=true]") === null)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && (box.height < 43.5 || box.width < 43.5);
      })
      .map((element) => `${element.className} ${element.textContent} ${element.getBoundingClientRect().height}`);
  });
}
