/** Screens of conversations: reading, details, and what is on hold. */
import { expect, type Page } from "@playwright/test";
import { Inbox, PIXEL } from "../pages/messages.ts";
import { open } from "../story.ts";

async function showDetails(page: Page): Promise<void> {
  const details = page.getByRole("button", { name: "Details", exact: true });
  if (await details.isVisible()) await details.click();
}

export const conversations: Record<string, (page: Page) => Promise<void>> = {
  "a critical conversation": async (page) => {
    await open(page);
    await new Inbox(page).open("Potassium 6.8");
  },
  "an acknowledgement off line": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Potassium 6.8");
    await page.evaluate(() => window.double.browser.goOffline());
    await conversation.message("not haemolysed, repeated").getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Your acknowledgement waits for the network").waitFor();
    await page.getByText("You are offline").waitFor();
  },
  "an acknowledgement that was refused": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Potassium 6.8");
    await page.evaluate(() => window.double.troubles.refuse("postReceipts", "not-permitted", 403, "You may not answer here."));
    await conversation.message("not haemolysed, repeated").getByRole("button", { name: "Acknowledge" }).click();
    await page.getByRole("button", { name: "Acknowledge again" }).waitFor();
  },
  "a group": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
  },
  "conversation details": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
    await showDetails(page);
    await page.getByText("Only members' devices can read it").last().waitFor();
  },
  "who has seen it": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("SBAR");
    await conversation.log.getByRole("button", { name: /Acknowledged by 1 of 2/ }).click();
    await page.getByRole("dialog").waitFor();
  },
  "files in a conversation and on their way": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("SBAR");
    await expect(conversation.log.getByRole("button", { name: "Look at ECG bed 12.png" })).toBeVisible();
    await conversation.attach({ name: "wound.png", mimeType: "image/png", buffer: PIXEL }, { name: "torn.jpg", mimeType: "image/jpeg", buffer: Buffer.from([0xff, 0xd8, 0xff, 1]) });
    await expect(conversation.upload("wound.png")).toContainText("Ready");
    await expect(conversation.upload("torn.jpg")).toContainText("This picture is damaged");
  },
  "a picture": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("SBAR");
    await conversation.log.getByRole("button", { name: "Look at ECG bed 12.png" }).click();
    await expect(page.getByRole("img", { name: "Picture: ECG bed 12.png" })).toBeVisible();
  },
  "sending on hold (ENC-8)": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Jonas Park");
    await conversation.box.fill("Yes, hold it until the CT report.");
    await page.evaluate(() => window.double.lies.rewriteTheLog());
    await page.getByRole("alert").getByText("Sending is on hold").waitFor();
    await expect(page.getByRole("textbox", { name: "Message", exact: true })).toBeHidden();
    await page.getByText("What you have written is kept on this device").waitFor();
  },
  "a conversation on hold (ENC-8)": async (page) => {
    await open(page);
    await new Inbox(page).open("Jonas Park");
    await page.evaluate(() => window.double.lies.slipGhostIn());
    await page.getByRole("alert").getByText("This conversation is on hold").waitFor();
    await expect(page.getByRole("textbox", { name: "Message", exact: true })).toBeHidden();
  },
  "a conversation that is catching up": async (page) => {
    await open(page);
    await new Inbox(page).open("Potassium 6.8");
    await page.evaluate(() => window.double.troubles.fallBehind());
    await page.getByText("Catching up").waitFor();
  },
  "a long conversation, read back": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("4 West night team");
    await expect(conversation.log.getByRole("article").last()).toBeInViewport();
    await conversation.log.evaluate((log) => log.scrollBy(0, -3000));
    await page.getByRole("button", { name: "To the latest message" }).waitFor();
  },
  "people to add": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
    await showDetails(page);
    await page.getByRole("button", { name: "Add people" }).click();
    await page.getByRole("dialog", { name: "Add people" }).getByText("Marcus Bell").first().waitFor();
  },
  "somebody to remove": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
    await showDetails(page);
    await page.getByRole("button", { name: "Remove Jonas Park" }).click();
    await page.getByRole("alertdialog").waitFor();
  },
  "names longer than their place": async (page) => {
    await open(page, "long");
    await new Inbox(page).open(/multidisciplinary meeting/);
    await page.getByText("anticoagulation").last().waitFor();
  },
};
