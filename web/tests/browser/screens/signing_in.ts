/** Screens before and around a session: signing in, the first time, a session that ends. */
import type { Page } from "@playwright/test";
import { STORY_TIME } from "../chromium.mjs";
import { Inbox } from "../pages/messages.ts";
import { SignIn } from "../pages/sign_in.ts";
import { open } from "../story.ts";

/** The first time, up to the device; `trouble` comes in between. */
async function enrolling(page: Page, trouble: () => void): Promise<void> {
  await open(page, "enrol");
  await page.evaluate(trouble);
  const signIn = new SignIn(page);
  await signIn.password("amara.keller", "correct horse");
  await signIn.enrolApp("7QX4-M2KD", async () => "123456");
}

export const signingIn: Record<string, (page: Page) => Promise<void>> = {
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
  "a code to sign in with, and a wrong one": async (page) => {
    await open(page, "signed-out");
    const signIn = new SignIn(page);
    await signIn.password("amara.keller", "correct horse");
    await signIn.code("000000");
    await page.getByRole("alert").waitFor();
  },
  "first-time set-up": async (page) => {
    await open(page, "enrol");
    await new SignIn(page).password("amara.keller", "correct horse");
    await page.getByLabel("Activation code").waitFor();
  },
  "an authenticator app to set up": async (page) => {
    await open(page, "enrol");
    const signIn = new SignIn(page);
    await signIn.password("amara.keller", "correct horse");
    await signIn.beginApp("7QX4-M2KD");
    await page.getByText("JBSW Y3DP").waitFor();
  },
  "a device being set up": async (page) => {
    await enrolling(page, () => window.double.troubles.hang("enrolDevice"));
    await page.getByRole("list").getByText("Proving this device to the organisation").waitFor();
  },
  "a set-up that failed": async (page) => {
    await enrolling(page, () => window.double.troubles.refuse("enrolDevice", "too-many-devices", 409));
    await page.getByRole("alert").waitFor();
  },
  "a device to be set up again": async (page) => {
    await enrolling(page, () => window.double.troubles.refuse("enrolDevice", "device-revoked", 403));
    await page.getByRole("heading", { name: "This device has to be set up again" }).waitFor();
  },
  "a server that cannot be reached": async (page) => {
    await open(page, "offline");
    await page.getByRole("heading", { name: "The server cannot be reached" }).waitFor();
  },
  "a session that has ended": async (page) => {
    await open(page);
    await page.evaluate(() => window.double.session.sessionLost("no-session"));
    await page.getByText("Your session has ended").waitFor();
  },
  "a device that was removed": async (page) => {
    await open(page);
    await page.evaluate(() => window.double.session.sessionLost("device-revoked"));
    await page.getByText("This device was removed from your account").waitFor();
  },
  "hidden while nobody is here": async (page) => {
    await open(page);
    await new Inbox(page).open("Potassium 6.8");
    await page.clock.setFixedTime(new Date(STORY_TIME.getTime() + 3 * 60_000));
    await page.getByRole("button", { name: "Show again" }).waitFor();
  },
};
