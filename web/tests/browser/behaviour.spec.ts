/** What must hold while people use it: nothing is lost, keys go anywhere, long threads stay quick. */
import { expect } from "@playwright/test";
import { Conversation, Inbox, NewMessage } from "./pages/messages.ts";
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
  await expect(page.getByRole("alert")).toContainText("You have an unfinished message about Alvarez, Rosa.");
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
  await inbox.newMessage();
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
