/** Writing to the right person about the right patient: who is picked, what is asked, and what never becomes something else (SAF-1, SAF-4). */
import { expect, type Page } from "@playwright/test";
import { Conversation, Inbox, NewMessage } from "./pages/messages.ts";
import { open, test } from "./story.ts";

test("two people of one name bring up one specific question, and the safe answer has the focus (SAF-4)", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("anna", "Surgeon");
  await message.write("Consent for bed 9 is signed.");
  await message.send();
  const question = page.getByRole("alertdialog", { name: "There are two people called Anna Schmidt" });
  await expect(question).toContainText("This one is in Surgery.");
  await expect(question.getByRole("button", { name: "Go back" })).toBeFocused();
  await expect(question.getByRole("button", { name: "Yes, send to Anna Schmidt in Surgery" })).toBeVisible();
});

test("a patient is attached only with two identifiers and after the card is confirmed (SAF-1)", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("samir", "Samir Haddad");
  const search = await message.lookForPatient();
  await search.fill({ "Family name": "Okafor" });
  await expect(search.findButton).toBeDisabled();
  await search.find({ MRN: "10051288" });
  await expect(search.card).toContainText("2 Nov 1948");
  await search.attach();
  await expect(page.getByText("Matched on name and MRN")).toBeVisible();
});

test("a new message that is on its way is not changed any more, and does not tear anybody away from where they went", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const message = await inbox.newMessage();
  await message.to("samir", "Samir Haddad");
  await message.write("Creatinine has doubled.", "Renal opinion");
  await page.evaluate(() => window.double.troubles.hold("createConversation"));
  await message.send();
  const canBeChanged = () => page.getByRole("textbox", { name: "Message", exact: true }).evaluate((box) => box.closest("[inert]") === null);
  await expect.poll(canBeChanged).toBe(false);
  await inbox.open("Jonas Park");
  await page.evaluate(() => window.double.troubles.end());
  await expect(inbox.row("Renal opinion")).toContainText("You: Creatinine has doubled.");
  await expect(page.getByRole("heading", { name: "Jonas Park", level: 1 })).toBeVisible();
});

test("words about one patient never become words about another (SAF-1)", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("samir", "Samir Haddad");
  await message.about({ "Family name": "Alvarez", "Birth date": "1955-03-14" });
  await message.write("Potassium 6.8, calcium is in.");
  await page.getByRole("link", { name: "Patients", exact: true }).click();
  await page.getByRole("link", { name: /Okafor/ }).click();
  await page.getByRole("button", { name: "New message about this patient" }).click();
  await page.getByRole("button", { name: "Attach this patient" }).click();
  await expect(page.getByRole("alert")).toContainText("You have an unfinished message to Samir Haddad about Alvarez, Rosa.");
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await page.getByRole("button", { name: "Go on with it" }).click();
  await expect(page.getByRole("textbox", { name: "Message", exact: true })).toHaveValue("Potassium 6.8, calcium is in.");
  await expect(page.getByText("Alvarez, Rosa").locator("visible=true").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
});

test("who is first is not chosen by the Enter that ends a word of an input method (SAF-4)", async ({ page }) => {
  await open(page);
  await new Inbox(page).newMessage();
  const to = page.getByLabel("To", { exact: true });
  await to.fill("samir");
  await expect(page.getByRole("list", { name: "Directory" }).getByRole("button").filter({ hasText: "Enter" })).toHaveCount(1);
  await to.evaluate((input) => input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true })));
  await expect(page.getByRole("button", { name: "Remove Samir Haddad" })).toHaveCount(0);
  await to.press("Enter");
  await expect(page.getByRole("button", { name: "Remove Samir Haddad" })).toBeVisible();
});

test("why one writes about a patient to somebody outside their care is chosen and told, and not before (MSG-8)", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("wei", "Wei Chen");
  await message.about({ "Family name": "Okafor", MRN: "10051288" });
  await message.write("Creatinine has doubled.");
  await message.send();
  const question = page.getByRole("alertdialog");
  await expect(question).toContainText("This person is not on the patient's care team.");
  await expect(question.getByRole("button", { name: /^Yes, send/ })).toBeDisabled();
  await question.getByLabel("Why do you write to them?").selectOption("I need their opinion");
  const told = () => page.evaluate(() => window.double.server.reasons.map(({ reason }) => reason));
  expect(await told()).toEqual([]);
  await message.confirm();
  await expect(new Conversation(page).message("Creatinine has doubled.")).toBeVisible();
  expect(await told()).toEqual(["consult"]);
});

test("somebody without a device cannot be picked, and it says why", async ({ page }) => {
  await open(page);
  await new Inbox(page).newMessage();
  await page.getByLabel("To", { exact: true }).fill("lena");
  const option = page.getByRole("list", { name: "Directory" }).getByRole("button").filter({ hasText: "Lena Vogel" });
  await expect(option).toBeDisabled();
  await expect(option).toContainText("Has no device yet");
});

test("what was begun as a new message is kept while one looks elsewhere", async ({ page }) => {
  await open(page);
  const inbox = new Inbox(page);
  const message = await inbox.newMessage();
  await message.to("marcus", "Marcus Bell");
  await message.write("Creatinine has doubled.", "Bed 12");
  await inbox.open("Sara Weiss");
  await page.getByRole("link", { name: /New message to Marcus Bell/ }).click();
  await expect(page.getByRole("textbox", { name: "Message", exact: true })).toHaveValue("Creatinine has doubled.");
  await expect(page.getByLabel("Subject")).toHaveValue("Bed 12");
  await new NewMessage(page).send();
  await expect(page.getByRole("alertdialog", { name: "Your first message to Marcus Bell" })).toBeVisible();
});

test("Enter picks nobody until the directory has answered for what is typed (SAF-4)", async ({ page }) => {
  await open(page);
  await new Inbox(page).newMessage();
  const chosen = page.getByRole("button", { name: /^Remove / });
  const first = page.getByRole("list", { name: "Directory" }).getByRole("button").first();
  await expect(first).toBeVisible();
  await page.evaluate(() => window.double.troubles.hang("searchDirectory"));
  const box = page.getByLabel("To", { exact: true });
  await box.fill("bell");
  await box.press("Enter");
  // Whoever was suggested before stands there still, and is not who was typed.
  await expect(first).toBeVisible();
  await box.press("Enter");
  await expect(chosen).toHaveCount(0);
  await page.evaluate(() => window.double.troubles.end());
  await box.fill("marcus");
  await expect(first).toContainText("Enter");
  await box.press("Enter");
  await expect(page.getByRole("button", { name: "Remove Marcus Bell" })).toBeVisible();
});

/** A message to Samir Haddad is half written; then somebody presses "Message" beside Marcus Bell in the directory. */
async function halfWritten(page: Page) {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("samir", "Samir Haddad");
  await message.write("Creatinine has doubled.", "Bed 12");
  await page.getByRole("link", { name: "People", exact: true }).click();
  await page.getByRole("button", { name: "Message Marcus Bell" }).click();
  await expect(page.getByRole("alert")).toContainText("You have an unfinished message to Samir Haddad.");
  const chosen = (name: string) => page.getByRole("button", { name: `Remove ${name}` });
  const words = page.getByRole("textbox", { name: "Message", exact: true });
  return { message, chosen, words };
}

test("a half-written message gets nobody else by itself: it asks, and cannot be sent before that is decided (SAF-4)", async ({ page }) => {
  const { message, chosen, words } = await halfWritten(page);
  await expect(chosen("Samir Haddad")).toBeVisible();
  await expect(chosen("Marcus Bell")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await page.getByRole("button", { name: "Go on with it" }).click();
  await expect(words).toBeFocused();
  await expect(words).toHaveValue("Creatinine has doubled.");
  await message.send();
  await expect(page.getByRole("heading", { name: "Bed 12", level: 1 })).toBeVisible();
  await expect(page.getByRole("group", { name: "To" })).toContainText("Samir Haddad");
  await expect(page.getByRole("group", { name: "To" })).not.toContainText("Marcus Bell");
});

test("a half-written message can be given up for another one, which has nothing of it (SAF-4)", async ({ page }) => {
  const { chosen, words } = await halfWritten(page);
  await page.getByRole("button", { name: "Discard it and write to Marcus Bell" }).click();
  await expect(chosen("Marcus Bell")).toBeVisible();
  await expect(chosen("Samir Haddad")).toHaveCount(0);
  await expect(words).toHaveValue("");
  await expect(page.getByLabel("Subject")).toHaveValue("");
});

test("whoever is meant to be added to a half-written message is added where somebody says so", async ({ page }) => {
  const { chosen, words } = await halfWritten(page);
  await page.getByRole("button", { name: "Add Marcus Bell to it" }).click();
  await expect(chosen("Samir Haddad")).toBeVisible();
  await expect(chosen("Marcus Bell")).toBeVisible();
  await expect(words).toHaveValue("Creatinine has doubled.");
});

test("somebody picked by keyboard while a new message is open is asked about there, and not forgotten", async ({ page }) => {
  await open(page);
  const message = await new Inbox(page).newMessage();
  await message.to("samir", "Samir Haddad");
  await message.write("Creatinine has doubled.");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("marcus");
  await page.getByRole("option", { name: /Marcus Bell/ }).last().click();
  await expect(page.getByRole("button", { name: "Discard it and write to Marcus Bell" })).toBeVisible();
});

test("a text that is too long is kept whole, says so before and after, and does not go out", async ({ page }) => {
  await open(page);
  const send = page.getByRole("button", { name: "Send", exact: true });
  const words = page.getByRole("textbox", { name: "Message", exact: true });
  const hold = async (most: number) => {
    await words.fill("x".repeat(most - 500));
    await expect(page.getByText("Room for 500 characters more")).toBeVisible();
    await words.fill("x".repeat(most + 12));
    await expect(page.getByText("12 characters too many.")).toBeVisible();
    expect((await words.inputValue()).length).toBe(most + 12);
    await expect(send).toBeDisabled();
    await words.fill("x".repeat(most));
    await expect(send).toBeEnabled();
  };
  const inbox = new Inbox(page);
  await inbox.open("Jonas Park");
  await hold(8000);
  await words.fill("");
  const message = await inbox.newMessage();
  await message.to("samir", "Samir Haddad");
  await hold(8000);
  await page.getByLabel("Subject").fill("y".repeat(121));
  await expect(page.getByText("1 character too many.")).toBeVisible();
  await expect(send).toBeDisabled();
});

test("on a phone too, whoever chooses somebody sees the whole of what tells them apart (SAF-4)", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "long");
  await new Inbox(page).newMessage();
  await page.getByLabel("To", { exact: true }).fill("hubert");
  const option = page.getByRole("list", { name: "Directory" }).getByRole("button").filter({ hasText: "Congenital and structural heart disease service" });
  await expect(option).toContainText("short-stay and day-case unit");
  const cut = await option.evaluate((button) => [...button.querySelectorAll("span")].filter((part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflow === "hidden").map((part) => part.textContent));
  expect(cut).toEqual([]);
});
