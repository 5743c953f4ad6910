/** Signing in and setting up, as a person does it. */
import { expect, type Page } from "@playwright/test";

export class SignIn {
  private readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  async password(username: string, password: string): Promise<void> {
    await this.page.getByLabel("User name").fill(username);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Continue" }).click();
  }

  async enrolPasskey(activationCode: string): Promise<void> {
    await this.page.getByLabel("Activation code").fill(activationCode);
    await this.page.getByRole("radio", { name: /Passkey/ }).check({ force: true });
    await this.page.getByRole("button", { name: "Set it up" }).click();
  }

  async beginApp(activationCode: string): Promise<void> {
    await this.page.getByLabel("Activation code").fill(activationCode);
    await this.page.getByRole("radio", { name: /Authenticator app/ }).check({ force: true });
    await this.page.getByRole("button", { name: "Set it up" }).click();
  }

  /** Gives the key that an authenticator app would scan. `code` makes the first code from it. */
  async enrolApp(activationCode: string, code: (secretBase32: string) => Promise<string>): Promise<void> {
    await this.beginApp(activationCode);
    const secret = await this.page.locator(".totp-key code").innerText();
    await this.page.getByLabel("Code from your authenticator app").fill(await code(secret));
    await this.page.getByRole("button", { name: "Confirm" }).click();
  }

  async usePasskey(): Promise<void> {
    await this.page.getByRole("button", { name: "Use your passkey" }).click();
  }

  async code(code: string): Promise<void> {
    await expect(this.page.getByRole("heading", { name: "Confirm that it is you" })).toBeVisible();
    const toCode = this.page.getByRole("button", { name: "Use a code instead" });
    if (await toCode.isVisible()) await toCode.click();
    await this.page.getByLabel("Code from your authenticator app").fill(code);
    await this.page.getByRole("button", { name: "Confirm" }).click();
  }

  async isIn(): Promise<void> {
    await expect(this.page.getByRole("heading", { name: "Inbox", level: 1 })).toBeVisible({ timeout: 20_000 });
  }
}

/** A platform authenticator that always says yes: the person's fingerprint. */
export async function addAuthenticator(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
