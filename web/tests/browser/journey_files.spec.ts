/** A photo against the real server: encrypted in one browser, looked at in another, refused to a third (MSG-4). */
import { expect, test } from "@playwright/test";
import { accountsOrSkip, arrive, leave, type Seat } from "./arrive.ts";
import { Conversation } from "./pages/messages.ts";

test("a photo is seen by the other, without what it said beside the picture, and by nobody else (MSG-4, ENC-1, DLP-2)", async ({ browser }) => {
  const accounts = accountsOrSkip();
  const john = await arrive(browser, accounts.get("john.smyth")!);
  const petr = await arrive(browser, accounts.get("peter.novak")!);
  const jon = await arrive(browser, accounts.get("jon.smith")!);
  const begun = await john.inbox.newMessage();
  await begun.to("novák", "Petr Novák");
  await begun.write("I will send you the heel.");
  await john.page.locator("[data-attach]").setInputFiles({ name: "list.txt", mimeType: "text/plain", buffer: Buffer.from("heel, hip") });
  await begun.send();
  await begun.confirm();
  const johnThere = new Conversation(john.page);
  const petrThere = await petr.inbox.open("John Smyth");
  await expect(petrThere.message("the heel")).toContainText("list.txt");

  // What a camera makes: a picture, and beside it where it was taken. Noise, so that it takes several parts.
  const photo = await john.page.evaluate(async () => {
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
  john.page.on("request", (request) => request.method() === "PUT" && uploads.add(request.url()));
  await test.step("encrypted, uploaded in parts, also over a network that goes away for a moment", async () => {
    let parts = 0;
    await john.page.route("**/files/*", (route) => (route.request().method() === "PUT" && (parts += 1) === 2 ? route.abort() : route.continue()));
    await johnThere.attach({ name: "heel.jpg", mimeType: "image/jpeg", buffer });
    await expect(johnThere.upload("heel.jpg")).toContainText("Ready", { timeout: 40_000 });
    await johnThere.send("Before the dressing.");
    expect(parts).toBeGreaterThan(3);
    await expect(johnThere.message("Before the dressing.").locator("img")).toBeVisible();
  });

  const picture = petrThere.message("Before the dressing.").getByRole("button", { name: "Look at heel.jpg" });
  await test.step("seen by the other, with their name across it", async () => {
    await expect(picture).toContainText("Petr Novák");
    await picture.click();
    await expect(petr.page.getByRole("img", { name: "Picture: heel.jpg" })).toBeVisible();
    await petr.page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  });

  const address = [...uploads][0]!;
  const fetchAll = (seat: Seat) =>
    seat.page.evaluate(async (url) => {
      const parts: number[] = [];
      for (let size = 1; parts.length < size; ) {
        const answer = await fetch(url, { headers: { Range: `bytes=${parts.length}-` } });
        if (answer.status !== 206) return `${answer.status} ${((await answer.json()) as { type: string }).type}`;
        size = Number(answer.headers.get("Content-Range")!.split("/")[1]);
        for (const byte of new Uint8Array(await answer.arrayBuffer())) parts.push(byte);
      }
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(parts)));
      const text = new TextDecoder("latin1").decode(Uint8Array.from(parts));
      return { size: parts.length, digest: [...digest].join(), readable: text.includes("Exif") || text.includes("JFIF") };
    }, address);

  await test.step("the server gives the same ciphertext to both, before and after a reload, and none of it can be read", async () => {
    const first = await fetchAll(john);
    expect(first).toMatchObject({ readable: false });
    // A little longer than the photo without its metadata: 56 bytes, and 16 for each chunk.
    expect((first as { size: number }).size).toBeGreaterThan(1_200_000);
    expect((first as { size: number }).size).toBeLessThan(buffer.length * 1.002);
    await petr.page.reload();
    await expect(picture).toBeVisible({ timeout: 20_000 });
    expect(await fetchAll(petr)).toEqual(first);
  });

  await test.step("what was opened is the picture, without the place where it was taken", async () => {
    const shown = await petrThere.message("Before the dressing.").locator("img").evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return { width: image.naturalWidth, height: image.naturalHeight };
    });
    expect(shown).toEqual({ width: 1400, height: 1000 });
  });

  await test.step("who is not in the conversation is refused", async () => {
    expect(await fetchAll(jon)).toBe("404 urn:wardline:problem:conversation-not-found");
  });
  await leave(john, petr, jon);
});
