/** Pictures for the documentation: the story's night, on a desk and on a phone. `npm run screenshots` makes them. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, STORY_TIME } from "./chromium.mjs";
import { serve } from "./serve.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(here, "../../../docs/images");
mkdirSync(target, { recursive: true });

const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const openCritical = async (page) => {
  await page.getByText("Potassium 6.8").first().click();
  await page.getByText("Seeing her now").last().waitFor();
};
const openOnCall = async (page) => {
  await page.getByRole("link", { name: "On call", exact: true }).click();
  await page.getByText("Nobody is on call").waitFor();
};
const writeToAnna = async (page) => {
  await page.getByRole("link", { name: "New message" }).locator("visible=true").first().click();
  await page.getByLabel("To", { exact: true }).fill("anna");
  await page.getByRole("list", { name: "Directory" }).getByRole("button").filter({ hasText: "Anna Schmidt" }).first().click();
  await page.getByRole("textbox", { name: "Message", exact: true }).fill("Could you see bed 7 before noon?");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alertdialog").waitFor();
};
const PICTURES = [
  ["conversation-light", DESK, "light", openCritical],
  ["conversation-dark", DESK, "dark", openCritical],
  ["on-call", DESK, "light", openOnCall],
  ["namesakes", DESK, "light", writeToAnna],
  ["phone-inbox", PHONE, "light", async () => undefined],
  ["phone-conversation", PHONE, "dark", openCritical],
];

const { address, stop } = await serve(resolve(here, "../visual/dist"));
const browser = await launch();
for (const [name, size, colorScheme, act] of PICTURES) {
  const context = await browser.newContext({ ...size, colorScheme, reducedMotion: "reduce", locale: "en-GB" });
  const page = await context.newPage();
  await page.clock.setFixedTime(STORY_TIME);
  await page.goto(address);
  await page.getByText("Seeing her now").first().waitFor();
  await act(page);
  await page.waitForTimeout(400);
  const path = join(target, `${name}.png`);
  await page.screenshot({ path });
  console.log(`${name}.png ${Math.round(statSync(path).size / 1024)} KB`);
  await context.close();
}
await browser.close();
await stop();
