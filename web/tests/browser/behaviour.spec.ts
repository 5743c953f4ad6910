/** What must hold while people use it: nothing is lost, keys go anywhere, long threads stay quick. */
import { expect } from "@playwright/test";
import { Conversation, Inbox } from "./pages/messages.ts";
import { SignIn } from "./pages/sign_in.ts";
import { open, test } from "./story.ts";

test("a message written off line waits, says so, and goes out when the network is back (MSG-2)", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Jonas Park");
  await page.evaluate(() => window.double.browser.goOffline());
  await conversation.send("Yes, hold it.");
  await expect(conversation.message("Yes, hold it.")).toContainText("Waits for the network");
  await page.evaluate(() => window.double.browser.goOnline());
  await expect(conversation.message("Yes, hold it.")).toContainText("Sent");
  await expect(conversation.message("Yes, hold it.")).toHaveCount(1);
});

test("a session that ends in mid-sentence loses neither the words nor the place", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Jonas Park");
  await conversation.box.fill("Half a thou");
  await page.evaluate(() => {
    window.double.browser.endSession();
    window.double.session.sessionLost("no-session");
  });
  await expect(page.getByText("Your session has ended")).toBeVisible();
  await expect(page.getByText("heparin")).toHaveCount(0);
  const signIn = new SignIn(page);
  await signIn.password("amara.keller", "correct horse");
  await signIn.code("123456");
  await expect(conversation.box).toHaveValue("Half a thou");
});

test("a session that ends in the middle of a new message loses neither whom it is for nor the patient", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("samir", "Samir Haddad");
  await message.about({ "Family name": "Okafor", MRN: "10051288" });
  await message.write("Creatinine has doub", "Bed 12");
  await page.evaluate(() => {
    window.double.browser.endSession();
    window.double.session.sessionLost("no-session");
  });
  await expect(page.getByText("what you wrote is kept")).toBeVisible();
  await expect(page.getByText("Okafor")).toHaveCount(0);
  const signIn = new SignIn(page);
  await signIn.password("amara.keller", "correct horse");
  await signIn.code("123456");
  await expect(page.getByRole("textbox", { name: "Message", exact: true })).toHaveValue("Creatinine has doub");
  await expect(page.getByLabel("Subject")).toHaveValue("Bed 12");
  await expect(page.getByText("Samir Haddad").locator("visible=true").first()).toBeVisible();
  await expect(page.getByText("Matched on name and MRN")).toBeVisible();
  await message.send();
  await expect(new Conversation(page).message("Creatinine has doub")).toBeVisible();
});

test("a draft is there again after going elsewhere, and the inbox says so", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const conversation = await inbox.open("Jonas Park");
  await conversation.box.fill("Not yet");
  await expect(inbox.row("Jonas Park")).toContainText("Draft");
  await inbox.open("Sara Weiss");
  await expect(inbox.row("Jonas Park")).toContainText("Draft");
  await inbox.open("Jonas Park");
  await expect(conversation.box).toHaveValue("Not yet");
});

test("the keyboard goes anywhere", async ({ page }) => {
  await open(page);
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { name: "Potassium 6.8" })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { name: "Jonas Park" })).toBeVisible();
  await page.keyboard.press("k");
  await expect(page.getByRole("heading", { name: "Potassium 6.8" })).toBeVisible();
  await page.keyboard.press("r");
  await expect(page.getByRole("textbox", { name: "Message" })).toBeFocused();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("cardio");
  await expect(page.getByRole("option", { name: /Cardiology/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Samir Haddad" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Pick a conversation" })).toBeVisible();
});

test("a long thread draws only what is in sight, opens at its end and reads back to its beginning", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("4 West night team");
  await expect(conversation.log.getByRole("article").last()).toBeInViewport();
  expect(await conversation.log.getByRole("article").count()).toBeLessThan(60);
  await conversation.log.hover();
  await expect(async () => {
    await page.mouse.wheel(0, -6000);
    await expect(page.getByText("The conversation begins here.")).toBeInViewport({ timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  expect(await conversation.log.getByRole("article").count()).toBeLessThan(60);
  await page.getByRole("button", { name: "To the latest message" }).click();
  await expect(conversation.log.getByText("Potassium for bed 12 is back: 4.1.").last()).toBeInViewport();
});

test("what was written before sending was held is still to be seen (ENC-8)", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Jonas Park");
  await conversation.box.fill("Yes, hold it until the CT report.");
  await page.evaluate(() => window.double.lies.rewriteTheLog());
  await expect(page.getByText("Yes, hold it until the CT report.")).toBeVisible();
  await expect(page.getByText("Not sent, kept on this device")).toBeVisible();
});

test("what is on screen is hidden while nobody is here, and a bump of the mouse does not show it (IAM-12)", async ({ page }) => {
  await open(page);
  await new Inbox(page).open("Potassium 6.8");
  await page.clock.setFixedTime(new Date("2026-03-15T02:44:00"));
  await expect(page.getByRole("alertdialog", { name: "Hidden while nobody is here" })).toBeVisible();
  await expect(page.getByText("not haemolysed").first()).not.toBeVisible();
  await page.mouse.move(300, 300);
  await page.mouse.move(500, 500);
  await expect(page.getByRole("alertdialog")).toBeVisible();
  await page.getByRole("button", { name: "Show again" }).click();
  await expect(page.getByText("not haemolysed").first()).toBeVisible();
});

test("nobody at the desk for the organisation's idle time ends the session", async ({ page }) => {
  await open(page);
  await page.clock.setFixedTime(new Date("2026-03-15T02:57:00"));
  await expect(page.getByText("You were signed out because nobody was here")).toBeVisible();
});
