/** The inbox, a conversation and a new message, by what people see. */
import { expect, type Locator, type Page } from "@playwright/test";

/** The smallest picture. */
export const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

export class Inbox {
  private readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  row(title: string | RegExp): Locator {
    return this.page.getByRole("region", { name: /Needs you|Patients|People and roles/ }).getByRole("link").filter({ hasText: title });
  }

  section(name: "Needs you" | "Patients" | "People and roles"): Locator {
    return this.page.getByRole("region", { name });
  }

  async open(title: string | RegExp): Promise<Conversation> {
    await this.row(title).first().click();
    await expect(this.page.getByRole("log")).toBeVisible();
    return new Conversation(this.page);
  }

  async newMessage(): Promise<NewMessage> {
    await this.page.getByRole("link", { name: "New message" }).locator("visible=true").first().click();
    return new NewMessage(this.page);
  }
}

export class Conversation {
  private readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get log(): Locator {
    return this.page.getByRole("log");
  }

  get box(): Locator {
    return this.page.getByRole("textbox", { name: "Message" });
  }

  message(text: string | RegExp): Locator {
    return this.log.getByRole("article").filter({ hasText: text });
  }

  async send(text: string, options: { priority?: "Urgent" | "Critical"; acknowledge?: boolean } = {}): Promise<void> {
    await this.box.fill(text);
    if (options.priority !== undefined) await this.page.getByRole("radio", { name: options.priority }).check({ force: true });
    if (options.acknowledge) await this.page.getByRole("checkbox", { name: "Ask for acknowledgement" }).check({ force: true });
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /** Through the control that on a phone offers the camera. */
  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.page.locator("[data-attach]").setInputFiles(files);
  }

  upload(name: string): Locator {
    return this.page.getByRole("list", { name: "Attached files" }).getByRole("listitem").filter({ hasText: name });
  }

  async acknowledge(text: string | RegExp): Promise<void> {
    await this.message(text).getByRole("button", { name: "Acknowledge" }).click();
    await expect(this.message(text)).toContainText("You acknowledged this");
  }
}

export type Identifiers = Partial<Record<"Family name" | "Given name" | "Birth date" | "MRN", string>>;

/** Identifiers that must agree, then the card of whom they are of. */
export class PatientSearch {
  private readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get findButton(): Locator {
    return this.page.getByRole("button", { name: "Find the patient" });
  }

  get card(): Locator {
    return this.page.getByRole("alertdialog", { name: "Is this the patient?" });
  }

  /** Why there is none. */
  get problem(): Locator {
    return this.page.getByRole("dialog", { name: "Attach a patient" }).getByRole("alert");
  }

  async fill(identifiers: Identifiers): Promise<void> {
    for (const [label, value] of Object.entries(identifiers)) await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async find(identifiers: Identifiers): Promise<void> {
    await this.fill(identifiers);
    await this.findButton.click();
  }

  async attach(): Promise<void> {
    await this.card.getByRole("button", { name: "Attach this patient" }).click();
  }
}

export class NewMessage {
  private readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  async to(search: string, name: string): Promise<void> {
    await this.page.getByLabel("To", { exact: true }).fill(search);
    await this.page.getByRole("list", { name: "Directory" }).getByRole("button").filter({ hasText: name }).first().click();
  }

  async lookForPatient(): Promise<PatientSearch> {
    await this.page.getByRole("button", { name: "Attach a patient" }).click();
    return new PatientSearch(this.page);
  }

  async about(identifiers: Identifiers): Promise<void> {
    const search = await this.lookForPatient();
    await search.find(identifiers);
    await search.attach();
  }

  async write(text: string, subject?: string): Promise<void> {
    if (subject !== undefined) await this.page.getByLabel("Subject").fill(subject);
    await this.page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  }

  async send(): Promise<void> {
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /** Answers the one question before a first message. */
  async confirm(): Promise<void> {
    await this.page.getByRole("alertdialog").getByRole("button", { name: /^Yes, send/ }).click();
  }
}
