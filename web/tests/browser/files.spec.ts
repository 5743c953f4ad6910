/** Files in messages, as somebody at a desk handles them (MSG-4). */
import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { Conversation, Inbox, PIXEL } from "./pages/messages.ts";
import { open, test } from "./story.ts";

const report = { name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 findings") };
const photo = { name: "wound.png", mimeType: "image/png", buffer: PIXEL };

async function jonas(page: Page) {
  await open(page);
  return new Inbox(page).open("Jonas Park");
}

test("chosen, uploaded, sent with words or without, and shown as picture and card", async ({ page }) => {
  const conversation = await jonas(page);
  await conversation.attach(photo, report);
  await expect(conversation.upload("report.pdf")).toContainText("Ready");
  await expect(page.getByText("Up to 20 MB each, 10 in a message")).toBeVisible();
  await conversation.send("Heel, before the dressing.");
  const sent = conversation.message("Heel, before the dressing.");
  await expect(sent.getByRole("button", { name: "Look at wound.png" })).toBeVisible();
  await expect(sent).toContainText("PDF · 17 B");
  await conversation.attach(report);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(conversation.log.getByRole("article").last()).toContainText("report.pdf");
  await expect(page.getByRole("link").filter({ hasText: "You: report.pdf" })).toBeVisible();
});

test("files go with the first message of a conversation, whatever is looked at meanwhile", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const message = await inbox.newMessage();
  await message.to("samir", "Samir Haddad");
  await page.locator("[data-attach]").setInputFiles([photo, report]);
  const tray = page.getByRole("list", { name: "Attached files" });
  await expect(tray.getByRole("listitem").filter({ hasText: "report.pdf" })).toContainText("Goes out with the message");
  await inbox.open("Sara Weiss");
  await inbox.newMessage();
  await expect(tray.getByRole("listitem")).toHaveCount(2);
  await tray.getByRole("button", { name: "Remove wound.png" }).click();
  await message.write("The report that you asked for.", "Bed 12");
  await message.send();
  const conversation = new Conversation(page);
  await expect(conversation.message("The report that you asked for.")).toContainText("report.pdf");
  await expect(conversation.message("The report that you asked for.")).toHaveCount(1);
  await expect(conversation.box).toHaveValue("");
  await inbox.newMessage();
  await expect(page.getByRole("list", { name: "Attached files" })).toHaveCount(0);
});

test("dropped and pasted files are attached too, and can be taken back", async ({ page }) => {
  const conversation = await jonas(page);
  const files = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["potassium"], "values.csv", { type: "text/csv" }));
    return data;
  });
  await page.locator(".composer").dispatchEvent("dragover", { dataTransfer: files });
  await expect(page.getByText("Drop files to attach them")).toBeVisible();
  await page.locator(".composer").dispatchEvent("drop", { dataTransfer: files });
  await expect(conversation.upload("values.csv")).toContainText("Ready");
  await conversation.box.evaluate((box) => {
    const data = new DataTransfer();
    data.items.add(new File(["screen"], "screen.txt", { type: "text/plain" }));
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(conversation.upload("screen.txt")).toContainText("Ready");
  await page.getByRole("button", { name: "Remove values.csv" }).click();
  await page.getByRole("button", { name: "Remove screen.txt" }).click();
  await expect(page.getByRole("list", { name: "Attached files" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
});

test("words pasted out of a table stay words, although a picture of them comes along", async ({ page }) => {
  const conversation = await jonas(page);
  const isLeftToTheBox = await conversation.box.evaluate((box) => {
    const data = new DataTransfer();
    data.setData("text/plain", "Na\t131");
    data.setData("text/html", "<table><tr><td>Na</td><td>131</td></tr></table>");
    data.items.add(new File(["picture"], "image.png", { type: "image/png" }));
    return box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  expect(isLeftToTheBox).toBe(true);
  await expect(page.getByRole("list", { name: "Attached files" })).toHaveCount(0);
});

test("without a network an upload waits, and what was asked to be sent goes out by itself", async ({ page }) => {
  const conversation = await jonas(page);
  await page.evaluate(() => window.double.browser.goOffline());
  await conversation.attach(report);
  await expect(conversation.upload("report.pdf")).toContainText("Waits for the network");
  await conversation.send("The report.");
  await expect(page.getByText("Sends as soon as the files are uploaded")).toBeVisible();
  await page.evaluate(() => {
    window.double.browser.goOnline();
    dispatchEvent(new Event("online"));
  });
  await expect(conversation.message("The report.")).toContainText("report.pdf");
  await expect(page.getByRole("list", { name: "Attached files" })).toHaveCount(0);
});

test("too large is said before anything is uploaded", async ({ page }) => {
  const conversation = await jonas(page);
  await conversation.attach({ ...report, buffer: Buffer.alloc(21 * 1024 * 1024) });
  await expect(conversation.upload("report.pdf").getByRole("alert")).toHaveText("Too large for this server.");
});

test("a picture is for looking at: with the viewer's name across it, and nothing that saves it", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("SBAR");
  const thumbnail = conversation.log.getByRole("button", { name: "Look at ECG bed 12.png" });
  await expect(thumbnail).toContainText("Amara Keller · 15 Mar 2026");
  await thumbnail.click();
  const viewer = page.getByRole("dialog", { name: "ECG bed 12.png" });
  await expect(viewer.getByText(/^Amara Keller · 15 Mar 2026, \d\d:\d\d$/).first()).toBeVisible();
  await expect(viewer.locator("a[href], a[download]")).toHaveCount(0);
  const isPrevented = await viewer.getByRole("img").evaluate((image) => !image.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true })));
  expect(isPrevented).toBe(true);
  await viewer.getByRole("button", { name: "Close" }).click();
  await expect(viewer).toHaveCount(0);
});

test("any other file is opened on purpose, and is what was sent", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("SBAR");
  await expect(conversation.log).toContainText("leaves a readable copy on this device");
  const [download] = await Promise.all([page.waitForEvent("download"), conversation.log.getByRole("button", { name: "Open Cardiology report 14 March.pdf" }).click()]);
  expect(download.suggestedFilename()).toBe("Cardiology report 14 March.pdf");
  const content = readFileSync(await download.path());
  expect(content.equals(Buffer.concat([Buffer.from("%PDF-1.7"), Buffer.alloc(183_204)]))).toBe(true);
});
