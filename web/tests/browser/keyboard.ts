/** Goes through a screen by Tab alone, as somebody without a mouse does. */
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    reached: Set<Element>;
  }
}

const MOST_STOPS = 250;

/** What was wrong on the way: a stop that nobody sees, or a control that Tab never comes to. */
export async function walkByKeyboard(page: Page): Promise<string[]> {
  const problems: string[] = [];
  await page.evaluate(() => {
    window.reached = new Set();
    const isInDialog = document.querySelector("[role=dialog], [role=alertdialog]") !== null;
    if (!isInDialog) (document.activeElement as HTMLElement | null)?.blur();
  });
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const answer = await page.evaluate(async () => {
      const element = document.activeElement;
      // Past the last control the focus leaves the page and comes back at its beginning.
      if (element === null || element === document.body) return "";
      if (window.reached.has(element)) return "round";
      window.reached.add(element);
      const label = `${element.tagName.toLowerCase()}.${element.className} "${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40)}"`;
      // The mark may be on the control, on its label, or on the box around a text field.
      const marked = [element, ...(element instanceof HTMLInputElement ? (element.labels ?? []) : []), element.parentElement, element.parentElement?.parentElement];
      const isMarked = marked.some((part) => part != null && (getComputedStyle(part).outlineStyle !== "none" || part.matches(":focus-within:has(textarea)")));
      const isInside = () => {
        const box = (element.closest("label") ?? element).getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      };
      // What moves into sight when it gets the focus may take some frames on a busy machine.
      for (let wait = 0; wait < 100 && !isInside(); wait += 1) await new Promise((resolve) => setTimeout(resolve, 20));
      if (!isMarked) return `nothing shows that the focus is on ${label}`;
      return isInside() ? "" : `the focus is out of sight on ${label}`;
    });
    if (answer === "round") break;
    if (answer !== "") problems.push(answer);
  }
  const missed = await page.evaluate(() => {
    const inFront = document.querySelector(".overlay, .curtain") ?? document;
    const controls = [...inFront.querySelectorAll<HTMLElement>("button, a[href], input, select, textarea, [tabindex='0']")];
    return controls
      .filter((element) => element.tabIndex >= 0 && !element.matches(":disabled, [type=radio]:not(:checked)") && element.checkVisibility({ visibilityProperty: true }) && element.closest("[inert], [aria-hidden=true]") === null)
      .filter((element) => !window.reached.has(element))
      .map((element) => `Tab never comes to ${element.tagName.toLowerCase()}.${element.className} "${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40)}"`);
  });
  return [...problems, ...missed];
}
