/** Two people in two browsers against the real server: from an activation code to an acknowledged critical message. */
import { expect, test } from "@playwright/test";
import { accountsOrSkip, arrive, AuthenticatorApp, openBrowser, type Seat, sitDown } from "./arrive.ts";
import { Conversation } from "./pages/messages.ts";
import { SignIn } from "./pages/sign_in.ts";

async function leave(...seats: Seat[]): Promise<void> {
  expect(seats.flatMap((seat) => seat.complaints)).toEqual([]);
  await Promise.all(seats.map((seat) => seat.context.close()));
}

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

  await leave(ruth, samuel);
});

test("a photo is seen by the other, without what it said beside the picture, and by nobody else (MSG-4, ENC-1, DLP-2)", async ({ browser }) => {
  const accounts = accountsOrSkip();
  const helen = await arrive(browser, accounts.get("helen.brooks")!);
  const peter = await arrive(browser, accounts.get("peter.novak")!);
  const diego = await arrive(browser, accounts.get("diego.morales")!);
  const begun = await helen.inbox.newMessage();
  await begun.to("peter", "Peter Novak");
  await begun.write("I will send you the heel.");
  await begun.send();
  await begun.confirm();
  const helenThere = new Conversation(helen.page);
  const peterThere = await peter.inbox.open("Helen Brooks");
  await expect(peterThere.message("the heel")).toBeVisible();

  // What a camera makes: a picture, and beside it where it was taken. Noise, so that it takes several parts.
  const photo = await helen.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1400, 1000);
    const pen = canvas.getContext("2d")!;
    const noise = pen.createImageData(1400, 1000);
    for (let at = 0; at < noise.data.length; at += 1) noise.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
    pen.putImageData(noise, 0, 0);
    const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 1 })).arrayBuffer());
    const secret = new TextEncoder().encode("Exif\0\0GPS 52.5170 13.3889");
    const file = new Uint8Array(jpeg.length + secret.length + 4);
    file.set([0xff, 0xd8, 0xff, 0xe1, 0, secret.length + 2]);
    file.set(secret, 6);
    file.set(jpeg.subarray(2), 6 + secret.length);
    let text = "";
    for (let at = 0; at < file.length; at += 8192) text += String.fromCharCode(...file.subarray(at, at + 8192));
    return btoa(text);
  });
  const buffer = Buffer.from(photo, "base64");
  expect(buffer.length).toBeGreaterThan(1_200_000);

  const uploads = new Set<string>();
  helen.page.on("request", (request) => request.method() === "PUT" && uploads.add(request.url()));
  await test.step("encrypted, uploaded in parts, also over a network that goes away for a moment", async () => {
    let parts = 0;
    await helen.page.route("**/files/*", (route) => (route.request().method() === "PUT" && (parts += 1) === 2 ? route.abort() : route.continue()));
    await helenThere.attach({ name: "heel.jpg", mimeType: "image/jpeg", buffer });
    await expect(helenThere.upload("heel.jpg")).toContainText("Ready", { timeout: 40_000 });
    await helenThere.send("Before the dressing.");
    expect(parts).toBeGreaterThan(3);
    await expect(helenThere.message("Before the dressing.").locator("img")).toBeVisible();
  });

  const picture = peterThere.message("Before the dressing.").getByRole("button", { name: "Look at heel.jpg" });
  await test.step("seen by the other, with their name across it", async () => {
    await expect(picture).toContainText("Peter Novak");
    await picture.click();
    await expect(peter.page.getByRole("img", { name: "Picture: heel.jpg" })).toBeVisible();
    await peter.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  });

  const address = [...uploads][0]!;
  const fetchAll = (seat: Seat) =>
    seat.page.evaluate(async (url) => {
      const parts: number[] = [];
      for (let size = 1; parts.length < size; ) {
        const answer = await fetch(url, { headers: { Range: `bytes=${parts.length}-` } });
        if (answer.status !== 206) return `${answer.status} ${((await answer.json()) as { type: string }).type}`;
        size = Number(answer.headers.get("Content-Range")!.split("/")[1]);
        parts.push(...new Uint8Array(await answer.arrayBuffer()));
      }
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(parts)));
      const text = new TextDecoder("latin1").decode(Uint8Array.from(parts));
      return { size: parts.length, digest: [...digest].join(), readable: text.includes("Exif") || text.includes("JFIF") };
    }, address);

  await test.step("the server gives the same ciphertext to both, before and after a reload, and none of it can be read", async () => {
    const first = await fetchAll(helen);
    expect(first).toMatchObject({ readable: false });
    // A little longer than the photo without its metadata: 56 bytes, and 16 for each chunk.
    expect((first as { size: number }).size).toBeGreaterThan(1_200_000);
    expect((first as { size: number }).size).toBeLessThan(buffer.length * 1.002);
    await peter.page.reload();
    await expect(picture).toBeVisible({ timeout: 20_000 });
    expect(await fetchAll(peter)).toEqual(first);
  });

  await test.step("what was opened is the picture, without the place where it was taken", async () => {
    const shown = await peterThere.message("Before the dressing.").locator("img").evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight };
    });
    expect(shown).toEqual({ width: 1400, height: 1000 });
  });

  await test.step("who is not in the conversation is refused", async () => {
    expect(await fetchAll(diego)).toBe("404 urn:wardline:problem:conversation-not-found");
  });
  await leave(helen, peter, diego);
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
    await dialog.getByLabel("To", { exact: true }).fill("priya");
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
    await anna.page.getByRole("button", { name: "Remove Helen Brooks" }).click();
    await anna.page.getByRole("alertdialog").getByRole("button", { name: "Remove Helen Brooks" }).click();
    await expect(annaThere.log).toContainText("You removed Helen Brooks");
    for (let number = 6; number <= 10; number += 1) await annaThere.send(`Note ${number}.`);
    await expect(annaThere.message("Note 10.")).toContainText("Sent");
  });

  await test.step("opened again: all there, in order, once", async () => {
    const there = await openBrowser(profile);
    const signIn = new SignIn(there.page);
    await signIn.password(diego.username, diego.password);
    await signIn.code(await app.code());
    await signIn.isIn();
    const conversation = await there.inbox.open("Night list");
    await expect(conversation.message("Note 10.")).toBeVisible({ timeout: 20_000 });
    await expect(conversation.log).toContainText("Anna Schmidt removed Helen Brooks");
    const notes = (await conversation.log.getByRole("article").allInnerTexts()).flatMap((text) => /Note \d+\./.exec(text) ?? []);
    expect(notes).toEqual(Array.from({ length: 10 }, (_, index) => `Note ${index + 1}.`));
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
    await expect(phone.page.getByText("both of your devices")).toHaveCount(0);
    await desk.page.getByRole("link", { name: "Inbox" }).click();
    await desk.inbox.open("Kwame Mensah");
    await deskThere.send("Only the desk now.");
    await expect(kwameThere.message("Only the desk now")).toBeVisible({ timeout: 20_000 });
  });

  await test.step("signing in on it says what happened, and it can only begin anew", async () => {
    const signIn = new SignIn(phone.page);
    await signIn.password(linh.username, linh.password);
    await signIn.code(await app.code());
    await expect(phone.page.getByRole("heading", { name: "This device has to be set up again" })).toBeVisible();
    await phone.page.getByRole("button", { name: "Erase and set up again" }).click();
    await expect(phone.page.getByRole("main", { name: "Kwame Mensah" }).or(phone.page.getByRole("heading", { name: "Inbox" })).first()).toBeVisible({ timeout: 20_000 });
    await expect(phone.page.getByText("both of your devices")).toHaveCount(0);
  });
  await leave(desk, kwame, phone);
});
