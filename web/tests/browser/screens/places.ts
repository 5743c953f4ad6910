/** Screens to find people, patients and settings in, and the inbox. */
import type { Page } from "@playwright/test";
import { open } from "../story.ts";

export const places: Record<string, (page: Page) => Promise<void>> = {
  people: async (page) => {
    await open(page);
    await page.getByRole("link", { name: "People", exact: true }).click();
    await page.getByText("Marcus Bell").waitFor();
  },
  "nobody found": async (page) => {
    await open(page);
    await page.getByRole("link", { name: "People", exact: true }).click();
    await page.getByRole("searchbox").fill("zzz");
    await page.getByText("Nobody matches").waitFor();
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
  "a device to remove": async (page) => {
    await open(page);
    await page.getByRole("link", { name: /account and security/ }).click();
    await page.getByRole("button", { name: "Remove", exact: true }).first().click();
    await page.getByRole("alertdialog").waitFor();
  },
  "another authenticator app": async (page) => {
    await open(page);
    await page.getByRole("link", { name: /account and security/ }).click();
    await page.getByRole("button", { name: "Add an authenticator app" }).click();
    await page.getByText("JBSW Y3DP").waitFor();
  },
  "a device in my name (ENC-8)": async (page) => {
    await open(page);
    await page.evaluate(() => window.double.lies.addDeviceInMyName());
    await page.getByRole("link", { name: "Look at it" }).click();
    await page.getByText("Edge on Windows: is this yours?").waitFor();
  },
  "going anywhere": async (page) => {
    await open(page);
    await page.getByRole("button", { name: /Search or go to/ }).click();
    await page.getByRole("combobox").fill("anna");
    await page.getByRole("option").filter({ hasText: "Anna Schmidt" }).first().waitFor();
  },
  "the list of keys": async (page) => {
    await open(page);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  },
  "an address that leads nowhere": async (page) => {
    await open(page, "inbox", "/c/018f7a00-0009-7000-8000-000000000099");
    await page.getByText("There is nothing at this address").waitFor();
  },
  "an empty inbox": (page) => open(page, "empty"),
  "the inbox": (page) => open(page),
};
