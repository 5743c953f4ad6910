/** Screens of writing: a new message, its questions, and what becomes of what was sent. */
import { expect, type Page } from "@playwright/test";
import { Inbox } from "../pages/messages.ts";
import { open } from "../story.ts";

export const composing: Record<string, (page: Page) => Promise<void>> = {
  "a new message": async (page) => {
    await open(page);
    await new Inbox(page).newMessage();
    await page.getByText("Marcus Bell").first().waitFor();
  },
  "a new message, ready to go": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    await message.to("jonas", "Jonas Park");
    await message.about({ "Family name": "Okafor", MRN: "10051288" });
    await message.write("Creatinine has doubled since the morning. Urine output 20 ml/h.", "Bed 12");
    await page.getByRole("radio", { name: "Critical" }).check({ force: true });
  },
  "a message that is unfinished when somebody else is picked": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    await message.about({ "Family name": "Okafor", MRN: "10051288" });
    await message.write("Creatinine has doubled since the morning.", "Bed 12");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("marcus");
    await page.getByRole("option", { name: /Marcus Bell/ }).last().click();
    await page.getByRole("button", { name: "Add Marcus Bell to it" }).waitFor();
  },
  "a message that is too long": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    await message.write("Creatinine has doubled. ".repeat(340), "Bed 12");
    await page.getByText("160 characters too many").waitFor();
  },
  "a namesake prompt": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("anna", "Oncolog");
    await message.write("Could you see bed 7 before noon?");
    await message.send();
    await page.getByRole("alertdialog").waitFor();
  },
  "somebody to write to first": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("marcus", "Marcus Bell");
    await message.write("Could you see bed 12 tonight?");
    await message.send();
    await page.getByRole("alertdialog").waitFor();
  },
  "a reason to give": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("marcus", "Marcus Bell");
    await message.about({ "Family name": "Okafor", MRN: "10051288" });
    await message.write("Creatinine has doubled since the morning. Would you see him tonight?");
    await message.send();
    await page.getByLabel("Why do you write to them?").selectOption("I need their opinion");
  },
  "a patient to look for": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    const search = await message.lookForPatient();
    await search.find({ "Family name": "Nobody", MRN: "1" });
    await search.problem.waitFor();
  },
  "a patient to confirm": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    const search = await message.lookForPatient();
    await search.find({ "Family name": "Alvarez", "Birth date": "1955-03-14" });
    await search.card.waitFor();
  },
  "an answer being written, urgent": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Potassium 6.8");
    await conversation.message("not haemolysed, repeated").getByRole("button", { name: "Reply" }).click();
    await conversation.box.fill("Calcium gluconate is going in now. Please run a gas from the arterial line as well, and call me with it.");
    await page.getByRole("radio", { name: "Urgent" }).check({ force: true });
  },
  "a message that was refused": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Jonas Park");
    await page.evaluate(() => window.double.troubles.refuse("postMessage", "not-permitted", 403, "Jonas Park is not in your service any more."));
    await conversation.send("Yes, hold it until the CT report.");
    await conversation.log.getByRole("button", { name: "Send again" }).waitFor();
  },
  "files being uploaded": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Jonas Park");
    await page.evaluate(() => window.double.troubles.hang("putFilePart"));
    await conversation.attach({ name: "Discharge summary with medication list and follow-up.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(400_000) });
    await expect(conversation.upload("Discharge summary")).toContainText("Uploading");
    await conversation.send("The summary, for the family doctor.");
    await page.getByText("Sends as soon as the files are uploaded").waitFor({ state: "attached" });
  },
  "a file that was refused": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Jonas Park");
    await page.evaluate(() => window.double.troubles.refuse("beginFile", "too-many-files", 409));
    await conversation.attach({ name: "report.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(4000) });
    await conversation.upload("report.pdf").getByRole("button", { name: "Try report.pdf again" }).waitFor();
  },
  "being offline": async (page) => {
    await open(page);
    const conversation = await new Inbox(page).open("Jonas Park");
    await page.evaluate(() => window.double.browser.goOffline());
    await conversation.send("Yes, hold it until the CT report.");
    await page.getByText("You are offline").waitFor();
    await page.getByText("Waits for the network").waitFor();
  },
};
