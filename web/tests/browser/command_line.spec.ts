/** A person in a browser and a person at a command line, over the real server: the same conversations, both ways (EHR-8). */
import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { accountsOrSkip, arrive } from "./arrive.ts";
import { CommandLine, commandLineOrSkip } from "./command_line.ts";
import { Conversation } from "./pages/messages.ts";

test("a browser and a command line talk, in a direct conversation and in a group that changes", async ({ browser }) => {
  commandLineOrSkip();
  const accounts = accountsOrSkip();
  const priya = await CommandLine.arrive(accounts.get("priya.raman")!);
  const fatima = await arrive(browser, accounts.get("fatima.alsayed")!);
  const aiko = await arrive(browser, accounts.get("aiko.tanaka")!);

  let direct = "";
  await test.step("the browser begins, the command line reads, and its reading is seen (MSG-1)", async () => {
    const message = await fatima.inbox.newMessage();
    await message.to("priya", "Priya Raman");
    await message.write("Is the smear of bed 3 ready?", "Smear");
    await message.send();
    await message.confirm();
    const there = new Conversation(fatima.page);
    await expect(there.message("smear of bed 3")).toBeVisible();
    const [conversation] = await priya.objects<{ conversation_id: string; title: string; unread: number }>(["conversations"]);
    expect(conversation).toMatchObject({ title: "Smear", unread: 1 });
    direct = conversation!.conversation_id;
    expect(await priya.texts(direct)).toEqual(["Is the smear of bed 3 ready?"]);
    await expect(there.message("smear of bed 3")).toContainText("Read");
  });

  await test.step("the command line answers, the browser shows it at once", async () => {
    await priya.send(direct, "Ready: blasts 2 %, größte Zelle 18 µm.");
    await expect(new Conversation(fatima.page).message("größte Zelle 18 µm")).toBeVisible();
  });

  await test.step("files go both ways and arrive as they were (MSG-4)", async () => {
    const there = new Conversation(fatima.page);
    const smear = Buffer.from(Array.from({ length: 1_300_000 }, (_, at) => (at * 31 + at / 251) & 255));
    await there.attach({ name: "smear.pdf", mimeType: "application/pdf", buffer: smear });
    await expect(there.upload("smear.pdf")).toContainText("Ready");
    await there.send("The old smear.");
    await expect(there.message("The old smear.")).toContainText("smear.pdf");
    await expect.poll(() => priya.texts(direct)).toContain("The old smear.");
    const files = (await priya.save(direct)).flatMap((message) => message.attachments ?? []);
    expect(files.map((file) => file.name)).toEqual(["smear.pdf"]);
    expect(readFileSync(files[0]!.saved!).equals(smear)).toBe(true);

    await priya.sendFile(direct, "counts.csv", "cell,count\nblast,2\n", "The counts.");
    await expect(there.message("The counts.")).toBeVisible();
    const [download] = await Promise.all([fatima.page.waitForEvent("download"), there.log.getByRole("button", { name: "Open counts.csv" }).click()]);
    expect(readFileSync(await download.path(), "utf8")).toBe("cell,count\nblast,2\n");
  });

  await test.step("what the browser writes while the command line listens arrives there", async () => {
    await priya.read(direct);
    const heard = priya.tail(direct, 2);
    await new Conversation(fatima.page).send("Thank you.");
    await new Conversation(fatima.page).send("And bed 5?");
    expect((await heard).map((message) => message.text)).toEqual(["Thank you.", "And bed 5?"]);
  });

  await test.step("killed while it listens, it has everything, once, when it looks again (MSG-2)", async () => {
    await priya.tailUntilKilled(direct, async () => {
      await new Conversation(fatima.page).send("One more question.");
      await fatima.page.waitForTimeout(1500);
    });
    const texts = await priya.texts(direct);
    expect(texts.filter((text) => text === "One more question.")).toHaveLength(1);
    expect(texts.at(-1)).toBe("One more question.");
  });

  let group = "";
  await test.step("the command line begins a group, and both browsers are in it", async () => {
    const [started] = await priya.objects<{ conversation_id: string }>(
      ["start", "Fatima Al-Sayed", "Aiko Tanaka", "--group", "--title-from", "-", "--confirm", "Fatima Al-Sayed=Haematologist", "--confirm", "Aiko Tanaka=Cardiology", "--confirm", "cross-service"],
      "Transfusion at noon",
    );
    group = started!.conversation_id;
    await priya.send(group, "Two units are cross-matched.");
    for (const seat of [fatima, aiko]) {
      const there = await seat.inbox.open("Transfusion at noon");
      await expect(there.message("Two units are cross-matched.")).toBeVisible();
    }
    await new Conversation(aiko.page).send("I fetch them.");
    await expect.poll(() => priya.texts(group)).toEqual(["Two units are cross-matched.", "I fetch them."]);
  });

  await test.step("the browser adds somebody at a command line, who reads from then on (MSG-8)", async () => {
    const jon = await CommandLine.arrive(accounts.get("jon.smith")!);
    await fatima.page.getByRole("button", { name: "Add people" }).click();
    const dialog = fatima.page.getByRole("dialog");
    await dialog.getByLabel("Who", { exact: true }).fill("jon smith");
    await dialog.getByRole("button").filter({ hasText: "Jon Smith" }).first().click();
    await dialog.getByRole("button", { name: "Add 1 person" }).click();
    await fatima.page.getByRole("alertdialog").getByRole("button", { name: /^Yes, send/ }).click();
    await expect(new Conversation(fatima.page).log).toContainText("You added Jon Smith");
    await new Conversation(fatima.page).send("Jon brings the forms.");
    await expect.poll(() => jon.texts(group)).toEqual(["Jon brings the forms."]);
    await jon.send(group, "On my way with them.");
    await expect(new Conversation(aiko.page).message("On my way with them.")).toBeVisible();
  });

  await test.step("the command line removes somebody, who reads no more", async () => {
    await priya.run(["group", "remove", group, "Aiko Tanaka"]);
    await priya.send(group, "Without Aiko now.");
    await expect(new Conversation(fatima.page).message("Without Aiko now.")).toBeVisible();
    await expect(new Conversation(aiko.page).message("Without Aiko now.")).toHaveCount(0);
    const read = await priya.read(group);
    expect(read.some((message) => message.kind === "membership" && message.removed?.length === 1)).toBe(true);
  });

  expect([...fatima.complaints, ...aiko.complaints]).toEqual([]);
  await Promise.all([fatima.context.close(), aiko.context.close()]);
});
