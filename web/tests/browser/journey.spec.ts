/** Two people in two browsers against the real server: from an activation code to an acknowledged critical message. */
import { type Browser, type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Account, readAccounts } from "./accounts.ts";
import { Conversation, Inbox } from "./pages/messages.ts";
import { addAuthenticator, SignIn } from "./pages/sign_in.ts";

const url = process.env["WARDLINE_URL"];
const accountsFile = process.env["WARDLINE_ACCOUNTS"];

interface Seat {
  context: BrowserContext;
  page: Page;
  inbox: Inbox;
  complaints: string[];
}

/** A person at a browser of their own: signs in, enrols a passkey, sets the device up. */
async function arrive(browser: Browser, account: Account): Promise<Seat> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && /Content Security Policy/.test(message.text()) && complaints.push(message.text()));
  await addAuthenticator(page);
  await page.goto("/");
  const signIn = new SignIn(page);
  await signIn.password(account.username, account.password);
  await signIn.enrolPasskey(account.activation_code);
  await signIn.isIn();
  return { context, page, inbox: new Inbox(page), complaints };
}

test("two colleagues meet, write about a patient, acknowledge, lose the network and lose nothing", async ({ browser }) => {
  test.skip(url === undefined || accountsFile === undefined, "no server to travel on: set WARDLINE_URL and WARDLINE_ACCOUNTS");
  const accounts = readAccounts(accountsFile!);
  const ruth = await arrive(browser, accounts.get("ruth.cohen")!);
  const samuel = await arrive(browser, accounts.get("samuel.price")!);

  await test.step("a first message, about a patient matched on two identifiers and confirmed (SAF-1, CH-10)", async () => {
    const message = await ruth.inbox.newMessage();
    await message.to("samuel", "Samuel Price");
    await message.about({ "Family name": "Williams", "Birth date": "1962-01-17" });
    await message.write("Potassium 6.8, please bring calcium gluconate.", "Bed 17A");
    await message.send();
    await message.confirm();
    await expect(ruth.page.getByRole("region", { name: "Patient", exact: true })).toContainText("Williams, Denise");
  });

  const ruthThere = new Conversation(ruth.page);
  let samuelThere!: Conversation;
  await test.step("it arrives, is readable there, and its sender sees that it was read (MSG-1)", async () => {
    samuelThere = await samuel.inbox.open("Bed 17A");
    await expect(samuelThere.message("calcium gluconate")).toBeVisible();
    await expect(ruthThere.message("calcium gluconate")).toContainText("Read");
  });

  await test.step("a critical message stands first and is acknowledged (MSG-6)", async () => {
    await ruthThere.send("ECG now, please.", { priority: "Critical" });
    await samuelThere.acknowledge("ECG now");
    await expect(ruthThere.message("ECG now")).toContainText("Acknowledged");
  });

  await test.step("written without a network, it waits, and goes out once (MSG-2)", async () => {
    await samuel.context.setOffline(true);
    await samuelThere.send("ECG is on its way.");
    await expect(samuelThere.message("on its way")).toContainText(/Sending|Waits for the network/);
    await samuel.context.setOffline(false);
    await expect(ruthThere.message("on its way")).toBeVisible({ timeout: 60_000 });
    await expect(ruthThere.message("on its way")).toHaveCount(1);
  });

  await test.step("what is half written survives a reload, and the messages are there again", async () => {
    await ruthThere.box.fill("Half a thou");
    await ruth.page.waitForTimeout(700);
    await ruth.page.reload();
    await expect(ruthThere.box).toHaveValue("Half a thou", { timeout: 20_000 });
    await expect(ruthThere.message("on its way")).toBeVisible();
    await ruthThere.send("Thank you.");
    await expect(samuelThere.message("Thank you.")).toBeVisible();
  });

  await test.step("locked, nothing is readable; signed in again with the passkey, one is where one was", async () => {
    await ruth.page.getByRole("button", { name: "Lock" }).click();
    await expect(ruth.page.getByText("calcium gluconate")).toHaveCount(0);
    const signIn = new SignIn(ruth.page);
    await signIn.password("ruth.cohen", accounts.get("ruth.cohen")!.password);
    await signIn.usePasskey();
    await expect(ruthThere.message("Thank you.")).toBeVisible({ timeout: 20_000 });
  });

  expect([...ruth.complaints, ...samuel.complaints]).toEqual([]);
  await Promise.all([ruth.context.close(), samuel.context.close()]);
});
