/** Every screen, in light and dark, on a desk and on a phone: accessible, inside the window, targets large enough (OPS-5). */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { Inbox, PIXEL } from "./pages/messages.ts";
import { SignIn } from "./pages/sign_in.ts";
import { open, test } from "./story.ts";

const SCREENS: Record<string, (page: Page) => Promise<void>> = {
  "sign-in": async (page) => {
    await open(page, "signed-out");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
  "a wrong password": async (page) => {
    await open(page, "signed-out");
    await new SignIn(page).password("amara.keller", "wrong");
    await page.getByRole("alert").waitFor();
  },
  "the second step": async (page) => {
    await open(page, "signed-out");
    await new SignIn(page).password("amara.keller", "correct horse");
    await page.getByRole("heading", { name: "Confirm that it is you" }).waitFor();
  },
  "first-time set-up": async (page) => {
    await open(page, "enrol");
    await new SignIn(page).password("amara.keller", "correct horse");
    await page.getByLabel("Activation code").waitFor();
  },
  "the inbox": (page) => open(page),
  "an empty inbox": (page) => open(page, "empty"),
  "a critical conversation": async (page) => {
    await open(page);
    await new Inbox(page).open("Potassium 6.8");
  },
  "a group": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
  },
  "conversation details": async (page) => {
    await open(page);
    await new Inbox(page).open("4 West night team");
    const details = page.getByRole("button", { name: "Details", exact: true });
    if (await details.isVisible()) await details.click();
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
  "a new message": async (page) => {
    await open(page);
    await new Inbox(page).newMessage();
    await page.getByText("Marcus Bell").first().waitFor();
  },
  "a namesake prompt": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("anna", "Oncolog");
    await message.write("Could you see bed 7 before noon?");
    await message.send();
    await page.getByRole("alertdialog").waitFor();
  },
  "a patient to confirm": async (page) => {
    await open(page);
    const message = await new Inbox(page).newMessage();
    await message.to("samir", "Samir Haddad");
    await page.getByRole("button", { name: "Attach a patient" }).click();
    await page.getByLabel("Family name").fill("Alvarez");
    await page.getByLabel("Birth date").fill("1955-03-14");
    await page.getByRole("button", { name: "Find the patient" }).click();
    await page.getByRole("alertdialog").waitFor();
  },
  people: async (page) => {
    await open(page);
    await page.getByRole("link", { name: "People", exact: true }).click();
    await page.getByText("Marcus Bell").waitFor();
  },
  "on call": async (page) => {
    await open(page);
    await page.getByRole("link", { name: "On call", exact: true }).click();
    await page.getByText("Nobody is on call").waitFor();
  },
  patients: async (page) => {
    await open(page);
    await page.getByRole("link", { name: "Patients", exact: true }).click();
    await page.getByText("Alvarez, Rosa").click();
    await page.getByText("10044417").waitFor();
  },
  "devices and security": async (page) => {
    await open(page);
    await page.getByRole("link", { name: /account and security/ }).click();
    await page.getByText("This device", { exact: true }).waitFor();
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
  "a device in my name (ENC-8)": async (page) => {
    await open(page);
    await page.evaluate(() => window.double.lies.addDeviceInMyName());
    await page.getByRole("link", { name: "Look at it" }).click();
    await page.getByText("Edge on Windows: is this yours?").waitFor();
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

for (const [name, go] of Object.entries(SCREENS)) {
  test(`${name} is accessible and fits`, async ({ page }) => {
    await go(page);
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(width, "nothing sticks out to the side").toBe(0);
    expect(await smallTargets(page), "targets of at least 44 px").toEqual([]);
  });
}

/** Buttons and links that a finger could miss. Links inside a sentence and the line under a bubble are WCAG's exceptions. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const inSentence = ".link, .below.press, .skip, .chip-x, .segment, .to-latest";
    return [...document.querySelectorAll<HTMLElement>("button, a[href]")]
      .filter((element) => !element.matches(inSentence) && element.checkVisibility() && element.closest("[inert], [aria-hidden=true]") === null)
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && (box.height < 43.5 || box.width < 43.5);
      })
      .map((element) => `${element.className} ${element.textContent} ${element.getBoundingClientRect().height}`);
  });
}
