/** What arrives, what is refused, and what is said about both: on screen, to screen readers, in the tab. */
import { expect, type Page } from "@playwright/test";
import { Inbox } from "./pages/messages.ts";
import { open, test } from "./story.ts";

const said = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text });

test("a screen reader is told of a new message once: the words where it is open, elsewhere only from whom", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const conversation = await inbox.open("Jonas Park");
  await page.evaluate(() => window.voices.jonas("Heparin is on hold."));
  await expect(said(page, "Jonas Park: Heparin is on hold.")).toHaveCount(1);
  await page.evaluate(() => window.voices.wei("Potassium 7.1 now.", { priority: "critical", acknowledge: true }));
  await expect(said(page, "Critical. New message from Wei Chen.")).toHaveCount(1);
  await expect(said(page, "Potassium 7.1")).toHaveCount(0);
  // Rows that come into sight by scrolling are not news.
  await expect(conversation.log).toHaveAttribute("aria-live", "off");
});

test("the tab says where one is and how much waits, and nothing about anybody", async ({ page }) => {
  await open(page);
  await expect(page).toHaveTitle("(3) Inbox · Wardline");
  await new Inbox(page).open("Jonas Park");
  await expect(page).toHaveTitle(/^(\(\d\) )?Conversation · Wardline$/);
  await page.getByRole("link", { name: "On call", exact: true }).click();
  await expect(page).toHaveTitle(/^(\(\d\) )?On call · Wardline$/);
  await page.getByRole("button", { name: "Lock" }).click();
  await expect(page).toHaveTitle("Wardline");
});

test("behind the curtain one sees that something critical has come, and not what (IAM-12)", async ({ page }) => {
  await open(page, "inbox");
  await page.clock.setFixedTime(new Date("2026-03-15T02:44:00"));
  const curtain = page.getByRole("alertdialog", { name: "Hidden while nobody is here" });
  await expect(curtain).toContainText("1 critical message waits");
  await page.evaluate(() => window.voices.jonas("Bed 3 is not breathing.", { priority: "critical", acknowledge: true }));
  await expect(curtain.getByRole("status")).toContainText("2 critical messages wait");
  await expect(page.getByText("not breathing").locator("visible=true")).toHaveCount(0);
  await expect(curtain).not.toContainText("Jonas");
});

test("what came behind the curtain is read once somebody looks, and not before (MSG-1)", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const conversation = await inbox.open("Jonas Park");
  await expect(inbox.row("Jonas Park").getByText("1 unread")).toHaveCount(0);
  await page.clock.setFixedTime(new Date("2026-03-15T02:44:00"));
  const curtain = page.getByRole("alertdialog", { name: "Hidden while nobody is here" });
  await expect(curtain).toBeVisible();
  await page.evaluate(() => window.voices.jonas("Heparin is on hold."));
  // Still so after whatever marks as read has had its time.
  await expect(curtain).toContainText("3 unread conversations");
  await page.waitForTimeout(1500);
  await expect(curtain).toContainText("3 unread conversations");
  await curtain.getByRole("button", { name: "Show again" }).click();
  await expect(conversation.message("Heparin is on hold.")).toBeVisible();
  await expect(page.getByText("1 unread")).toHaveCount(0);
});

test("a message in a script that runs from right to left reads from right to left, its full stop at its end", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Jonas Park");
  await page.evaluate(() => window.voices.jonas("شكرا."));
  const text = conversation.message("شكرا").locator(".bubble-text");
  await expect(text).toBeVisible();
  const [first, last] = await text.evaluate((element) => {
    const left = (at: number) => {
      const range = document.createRange();
      range.setStart(element.firstChild!, at);
      range.setEnd(element.firstChild!, at + 1);
      return range.getBoundingClientRect().left;
    };
    return [left(0), left(element.textContent!.length - 1)];
  });
  expect(last).toBeLessThan(first!);
});

test("in the inbox a name that runs from right to left stands before what its bearer said, and does not change places with it", async ({ page }) => {
  await open(page, "long");
  const row = new Inbox(page).row("دانة");
  await expect(row).toContainText("120/80");
  const places = await row.locator(".row-text").evaluate((element) => {
    const words = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const left = (text: Text, word: string) => {
      const range = document.createRange();
      range.setStart(text, text.data.indexOf(word));
      range.setEnd(text, text.data.indexOf(word) + word.length);
      return range.getBoundingClientRect().left;
    };
    const places: Record<string, number> = {};
    for (let text = words.nextNode() as Text | null; text !== null; text = words.nextNode() as Text | null) {
      if (text.data.includes("Jonas Park")) Object.assign(places, { title: left(text, "دانة"), other: left(text, "Jonas") });
      if (text.data.includes("120/80")) Object.assign(places, { name: left(text, "دانة"), colon: left(text, ":"), said: left(text, "120") });
    }
    return places;
  });
  expect(places["title"]).toBeLessThan(places["other"]!);
  expect(places["name"]).toBeLessThan(places["colon"]!);
  expect(places["colon"]).toBeLessThan(places["said"]!);
});

test("a message that was refused goes back into the box to be changed, and leaves once", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Jonas Park");
  await page.evaluate(() => window.double.troubles.refuse("postMessage", "not-permitted", 403, "Not now."));
  await conversation.send("Yes, hold it.", { priority: "Urgent" });
  await conversation.message("Yes, hold it.").getByRole("button", { name: "Edit" }).click();
  await expect(conversation.box).toHaveValue("Yes, hold it.");
  await expect(page.getByRole("radio", { name: "Urgent" })).toBeChecked();
  await expect(conversation.message("Yes, hold it.")).toHaveCount(0);
  await page.evaluate(() => window.double.troubles.end());
  await conversation.send("Yes, hold it until the CT.");
  await expect(conversation.message("Yes, hold it until the CT.")).toContainText("Sent");
  await expect(conversation.message("Yes, hold it")).toHaveCount(1);
});

test("whoever sends while reading back sees it leave", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("4 West night team");
  await expect(conversation.log.getByRole("article").last()).toBeInViewport();
  await conversation.log.evaluate((log) => log.scrollBy(0, -3000));
  await expect(page.getByRole("button", { name: "To the latest message" })).toBeVisible();
  await conversation.send("Handing over now.");
  await expect(conversation.message("Handing over now.")).toBeInViewport();
});

test("what one answers stays in sight while the answer grows", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Potassium 6.8");
  const newest = conversation.message("Seeing her now");
  await expect(newest).toBeInViewport({ ratio: 0.99 });
  await conversation.box.fill("Calcium in.\nGas sent.\nInsulin and dextrose next.\nRepeat at 03:30.\nFamily called.");
  await expect(conversation.box).toHaveJSProperty("clientHeight", await conversation.box.evaluate((box) => box.scrollHeight));
  await expect(newest).toBeInViewport({ ratio: 0.99 });
});

test("whoever reads back sees in which day", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("4 West night team");
  await expect(conversation.log.getByRole("article").last()).toBeInViewport();
  await expect(page.locator(".day-in-sight")).toHaveCount(0);
  await conversation.log.evaluate((log) => log.scrollBy(0, -3000));
  await expect(page.locator(".day-in-sight")).toHaveText(/^Yesterday, Saturday 14 March$/);
});

test("a quotation leads to what it answers", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("4 West night team");
  await expect(conversation.log.getByRole("article").last()).toBeInViewport();
  await conversation.log.evaluate((log) => log.scrollBy(0, -2500));
  const early = conversation.message("Pharmacy closes at midnight").locator("visible=true").first();
  await expect(async () => {  // Rows that are measured for the first time may move under the pointer.
    await early.hover();
    await early.getByRole("button", { name: "Reply" }).click();
    await expect(page.getByText("Answering Tomás Rivera")).toBeVisible({ timeout: 2000 });
  }).toPass();
  await conversation.send("Sent them all.");
  await expect(conversation.message("Sent them all.")).toBeInViewport();
  await conversation.message("Sent them all.").getByRole("button", { name: /Answers Tomás Rivera/ }).click();
  await expect(conversation.message("Sent them all.")).not.toBeInViewport();
  await expect(page.getByRole("button", { name: "To the latest message" })).toBeVisible();
});

test("the keys are found without knowing them", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: /Search or go to/ }).click();
  await page.getByRole("combobox").fill("keyboard");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toContainText("Next conversation");
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: /account and security/ }).click();
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
});
