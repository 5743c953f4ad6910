/** Acknowledging: what it takes away, in which order, and that it is given only once the server has it (MSG-6). */
import { expect } from "@playwright/test";
import { Inbox } from "./pages/messages.ts";
import { open, test } from "./story.ts";

test("acknowledging takes a critical message out of what needs me (MSG-6)", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  await expect(inbox.section("Needs you").getByRole("link")).toHaveCount(2);
  const conversation = await inbox.open("Potassium 6.8");
  await conversation.acknowledge("not haemolysed");
  // While it is open the row stays where the eye is.
  await expect(inbox.section("Needs you").getByRole("link")).toHaveCount(2);
  await inbox.open("Sara Weiss");
  await expect(inbox.section("Needs you").getByRole("link")).toHaveCount(1);
});

test("an acknowledgement is given only once the server has it: until then it says that it is on its way (MSG-6)", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const conversation = await inbox.open("Potassium 6.8");
  const message = conversation.message("not haemolysed, repeated");
  await page.evaluate(() => window.double.troubles.hold("postReceipts"));
  await message.getByRole("button", { name: "Acknowledge" }).click();
  await expect(message).toContainText("Sending your acknowledgement…");
  await expect(message).not.toContainText("You acknowledged this");
  await expect(inbox.row("Potassium 6.8")).toContainText("Acknowledgement on its way");
  await page.evaluate(() => window.double.troubles.end());
  await expect(message).toContainText("You acknowledged this");
  await expect(inbox.row("Potassium 6.8")).not.toContainText("Acknowledgement on its way");
});

test("an acknowledgement that the server refuses says so where it was given and in the inbox, and can be given again (MSG-6)", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const conversation = await inbox.open("Potassium 6.8");
  const message = conversation.message("not haemolysed, repeated");
  await page.evaluate(() => window.double.troubles.refuse("postReceipts", "not-permitted", 403, "You may not answer here."));
  await message.getByRole("button", { name: "Acknowledge" }).click();
  await expect(message).toContainText("Your acknowledgement did not get through. You may not answer here. Call whoever sent this.");
  await inbox.open("Sara Weiss");
  await expect(inbox.row("Potassium 6.8")).toContainText("Acknowledgement not sent");
  await page.evaluate(() => window.double.troubles.end());
  await inbox.open("Potassium 6.8");
  await message.getByRole("button", { name: "Acknowledge again" }).click();
  await expect(message).toContainText("You acknowledged this");
});

test("critical messages are acknowledged in their order: a later one does not take an earlier one with it (MSG-6)", async ({ page }) => {
  await open(page);
  const conversation = await new Inbox(page).open("Potassium 6.8");
  await page.evaluate(() => window.voices.wei("Potassium 7.1 now.", { priority: "critical", acknowledge: true }));
  const later = conversation.message("Potassium 7.1 now.");
  await expect(later.getByRole("button", { name: "Acknowledge", exact: true })).toHaveCount(0);
  await later.getByRole("button", { name: "First the earlier one that waits" }).click();
  await conversation.acknowledge("not haemolysed, repeated");
  await conversation.acknowledge("Potassium 7.1 now.");
});
