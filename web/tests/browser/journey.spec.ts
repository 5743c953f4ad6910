/** Two people in two browsers against the real server: from an activation code to an acknowledged critical message. */
import { expect, test } from "@playwright/test";
import { accountsOrSkip, arrive, AuthenticatorApp, leave, openBrowser, type Seat, sitDown } from "./arrive.ts";
import { Conversation } from "./pages/messages.ts";
import { SignIn } from "./pages/sign_in.ts";

test("two colleagues meet, write about a patient, acknowledge, lose the network and lose nothing", async ({ browser }) => {
  const accounts = accountsOrSkip();
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
    await expect(ruth.inbox.row("Bed 17A")).toContainText("Draft");
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

  await test.step("the session ends in mid-sentence: signed in again, one writes on (IAM-12)", async () => {
    await ruthThere.box.pressSequentially("Calcium is in, next ECG at");
    // What another tab, or an administrator, would do.
    await ruth.page.evaluate(() => fetch("/v1/session", { method: "DELETE", headers: { "Content-Type": "application/json" } }));
    await expect(ruth.page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 20_000 });
    await expect(ruth.page.getByText("Calcium is in")).toHaveCount(0);
    const signIn = new SignIn(ruth.page);
    await signIn.password("ruth.cohen", accounts.get("ruth.cohen")!.password);
    await signIn.usePasskey();
    await expect(ruthThere.box).toHaveValue("Calcium is in, next ECG at", { timeout: 20_000 });
    await ruthThere.box.press("End");
    await ruthThere.box.pressSequentially(" four.");
    await ruth.page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(samuelThere.message("Calcium is in, next ECG at four.")).toBeVisible();
  });

  await leave(ruth, samuel);
});

test("five people in a group: all read, a new one reads from then on, a removed one reads no more (MSG-8)", async ({ browser }) => {
  const accounts = accountsOrSkip();
  const names = ["grace.okafor", "aiko.tanaka", "omar.haddad", "fatima.alsayed", "priya.raman"] as const;
  const seats: Seat[] = [];
  for (const name of names) seats.push(await arrive(browser, accounts.get(name)!));
  const [grace, aiko, omar, fatima, priya] = seats as [Seat, Seat, Seat, Seat, Seat];

  await test.step("one begins it with three others", async () => {
    const message = await grace.inbox.newMessage();
    for (const [search, name] of [["aiko", "Aiko Tanaka"], ["omar", "Omar Haddad"], ["fatima", "Fatima Al-Sayed"]] as const) await message.to(search, name);
    await message.write("Who is free for bed 14A at four?", "Bed huddle");
    await message.send();
    await message.confirm();
  });
  const group = new Map<Seat, Conversation>([[grace, new Conversation(grace.page)]]);
  for (const seat of [aiko, omar, fatima]) group.set(seat, await seat.inbox.open("Bed huddle"));
  for (const conversation of group.values()) await expect(conversation.message("bed 14A at four")).toBeVisible();

  await test.step("a fifth is added and reads what is said from then on", async () => {
    await grace.page.getByRole("button", { name: "Add people" }).click();
    const dialog = grace.page.getByRole("dialog");
    await dialog.getByLabel("Who", { exact: true }).fill("priya");
    await dialog.getByRole("button").filter({ hasText: "Priya Raman" }).first().click();
    await dialog.getByRole("button", { name: "Add 1 person" }).click();
    await grace.page.getByRole("alertdialog").getByRole("button", { name: /^Yes, send/ }).click();
    await expect(group.get(grace)!.log).toContainText("You added Priya Raman");
    await group.get(omar)!.send("I am free at four.");
    const priyaThere = await priya.inbox.open(/Bed huddle|Grace Okafor/);
    group.set(priya, priyaThere);
    await expect(priyaThere.message("free at four")).toBeVisible();
    await expect(priyaThere.message("bed 14A at four")).toHaveCount(0);
  });

  await test.step("everybody writes at once, and everybody sees everything in one order", async () => {
    const all = [...group];
    await Promise.all(all.map(([, conversation], index) => conversation.send(`Answer ${index}`)));
    const orders: string[] = [];
    for (const [, conversation] of all) {
      for (let index = 0; index < all.length; index += 1) await expect(conversation.message(`Answer ${index}`)).toBeVisible();
      const texts = await conversation.log.getByRole("article").allInnerTexts();
      orders.push(texts.flatMap((text) => /Answer \d/.exec(text) ?? []).join(" "));
    }
    expect(new Set(orders).size).toBe(1);
  });

  await test.step("one is removed, is told, and reads no more", async () => {
    await grace.page.getByRole("button", { name: "Remove Aiko Tanaka" }).click();
    await grace.page.getByRole("alertdialog").getByRole("button", { name: "Remove Aiko Tanaka" }).click();
    await expect(group.get(grace)!.log).toContainText("You removed Aiko Tanaka");
    await group.get(fatima)!.send("After Aiko left.");
    await expect(group.get(priya)!.message("After Aiko left")).toBeVisible();
    await expect(aiko.page.getByText("You are no longer in this conversation")).toBeVisible();
    await expect(group.get(aiko)!.message("After Aiko left")).toHaveCount(0);
  });
  await leave(...seats);
});

test("a closed browser misses ten messages and a change of members, and has all of it when opened again (MSG-2)", async ({ browser }, info) => {
  const accounts = accountsOrSkip();
  const diego = accounts.get("diego.morales")!;
  const profile = info.outputPath("profile");
  const anna = await arrive(browser, accounts.get("anna.schmidt")!);
  const helen = await arrive(browser, accounts.get("helen.brooks")!);
  let app!: AuthenticatorApp;

  await test.step("somebody whose second factor is an authenticator app from the first day (IAM-3)", async () => {
    const there = await openBrowser(profile);
    const signIn = new SignIn(there.page);
    await signIn.password(diego.username, diego.password);
    await signIn.enrolApp(diego.activation_code, (secret) => (app = new AuthenticatorApp(secret)).code());
    await signIn.isIn();
    const message = await anna.inbox.newMessage();
    for (const [search, name] of [["diego", "Diego Morales"], ["helen", "Helen Brooks"]] as const) await message.to(search, name);
    await message.write("Before the night.", "Night list");
    await message.send();
    await message.confirm();
    await expect((await there.inbox.open("Night list")).message("Before the night")).toBeVisible();
    await leave(there);
  });

  const annaThere = new Conversation(anna.page);
  await test.step("meanwhile ten messages, and one member less", async () => {
    await expect((await helen.inbox.open("Night list")).message("Before the night")).toBeVisible();
    for (let number = 1; number <= 5; number += 1) await annaThere.send(`Note ${number}.`);
    await expect(annaThere.message("Note 5.")).toContainText(/Sent|Delivered|Read/, { timeout: 30_000 });
    await anna.page.getByRole("button", { name: "Remove Helen Brooks" }).click();
    await anna.page.getByRole("alertdialog").getByRole("button", { name: "Remove Helen Brooks" }).click();
    await expect(annaThere.log).toContainText("You removed Helen Brooks", { timeout: 30_000 });
    for (let number = 6; number <= 10; number += 1) await annaThere.send(`Note ${number}.`);
    await expect(annaThere.message("Note 10.")).toContainText("Sent", { timeout: 30_000 });
  });

  await test.step("opened again: all there, in order, once, also when the profile is older than the device log (ENC-8)", async () => {
    const there = await openBrowser(profile);
    await there.page.evaluate(forgetDeviceLog);
    const signIn = new SignIn(there.page);
    await signIn.password(diego.username, diego.password);
    await signIn.code(await app.code());
    await signIn.isIn();
    const conversation = await there.inbox.open("Night list");
    await expect(conversation.message("Note 10.")).toBeVisible({ timeout: 20_000 });
    await expect(conversation.log).toContainText("Anna Schmidt removed Helen Brooks");
    const notes = (await conversation.log.getByRole("article").allInnerTexts()).flatMap((text) => /Note \d+\./.exec(text) ?? []);
    expect(notes).toEqual(Array.from({ length: 10 }, (_, index) => `Note ${index + 1}.`));
    await conversation.send("Back again.");
    await expect(annaThere.message("Back again.")).toBeVisible();
    await expect(there.page.getByRole("alert")).toHaveCount(0);
    await leave(there);
  });
  await leave(anna, helen);
});

test("a second device joins one's conversations; removed, it is shut out at once (DEV-2, MSG-11)", async ({ browser }) => {
  const accounts = accountsOrSkip();
  const linh = accounts.get("linh.nguyen")!;
  const desk = await arrive(browser, linh);
  const kwame = await arrive(browser, accounts.get("kwame.mensah")!);
  const begun = await desk.inbox.newMessage();
  await begun.to("kwame", "Kwame Mensah");
  await begun.write("Before the phone.");
  await begun.send();
  await begun.confirm();
  const deskThere = new Conversation(desk.page);
  const kwameThere = await kwame.inbox.open("Linh Nguyen");
  await expect(kwameThere.message("Before the phone")).toBeVisible();

  let app!: AuthenticatorApp;
  await test.step("an authenticator app as another way to sign in", async () => {
    await desk.page.getByRole("link", { name: /account and security/ }).click();
    await desk.page.getByRole("button", { name: "Add an authenticator app" }).click();
    app = new AuthenticatorApp(await desk.page.locator(".totp-key code").innerText());
    await desk.page.getByLabel("Code from your authenticator app").fill(await app.code());
    await desk.page.getByRole("button", { name: "Confirm" }).click();
    await expect(desk.page.getByRole("dialog")).toHaveCount(0);
  });

  const phone = await sitDown(browser);
  await test.step("the second device signs in with a code and joins by itself", async () => {
    const signIn = new SignIn(phone.page);
    await signIn.password(linh.username, linh.password);
    await signIn.code(await app.code());
    await signIn.isIn();
    const there = await phone.inbox.open("Kwame Mensah");
    // Once it has joined it can write, and what is sent from now on reaches it.
    await expect(there.box).toBeVisible({ timeout: 20_000 });
    await kwameThere.send("To both of your devices.");
    await expect(there.message("both of your devices")).toBeVisible({ timeout: 20_000 });
    await expect(there.log).toContainText("Earlier messages are on your other devices");
    await there.send("From the phone.");
    await expect(kwameThere.message("From the phone")).toBeVisible();
  });

  await test.step("removed from the desk, it shows nothing any more, and the others go on", async () => {
    await desk.page.reload();
    const devices = desk.page.locator("section").filter({ has: desk.page.getByRole("heading", { name: "Your devices" }) });
    await devices.getByRole("button", { name: "Remove" }).click();
    await desk.page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await expect(phone.page.getByRole("heading", { name: "Sign in" })).toBeVisible({ timeout: 20_000 });
    await expect(phone.page.getByText("This device was removed from your account, and what it kept is erased.")).toBeVisible();
    await expect(phone.page.getByText("both of your devices")).toHaveCount(0);
    await desk.page.getByRole("link", { name: "Inbox" }).click();
    await desk.inbox.open("Kwame Mensah");
    await deskThere.send("Only the desk now.");
    await expect(kwameThere.message("Only the desk now")).toBeVisible({ timeout: 20_000 });
  });

  await test.step("who signs in on it begins anew", async () => {
    const signIn = new SignIn(phone.page);
    await signIn.password(linh.username, linh.password);
    await signIn.code(await app.code());
    await expect(phone.page.getByRole("main", { name: "Kwame Mensah" }).or(phone.page.getByRole("heading", { name: "Inbox" })).first()).toBeVisible({ timeout: 20_000 });
    await expect(phone.page.getByText("both of your devices")).toHaveCount(0);
  });
  await leave(desk, kwame, phone);
});

/** Makes this browser's profile what it was before there was a device log: nothing of it was kept. */
async function forgetDeviceLog(): Promise<void> {
  const names = (await indexedDB.databases()).map(({ name }) => name!).filter((name) => /^wardline-[0-9a-f-]{36}$/.test(name));
  for (const name of names) {
    const opening = indexedDB.open(name);
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const change = opening.result.transaction("facts", "readwrite");
    for (const key of ["device_log_state", "device_log_pins", "trust"]) change.objectStore("facts").delete(key);
    await new Promise((resolve) => (change.oncomplete = resolve));
    opening.result.close();
  }
  if (names.length === 0) throw new Error("this browser keeps nothing");
}
