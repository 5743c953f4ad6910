/** A person sits down at a browser of their own, against the real server. */
import { type Browser, type BrowserContext, chromium, expect, type Page, test } from "@playwright/test";
import { createHmac } from "node:crypto";
import { type Account, readAccounts } from "./accounts.ts";
import { LAUNCH } from "./chromium.mjs";
import { Inbox } from "./pages/messages.ts";
import { addAuthenticator, SignIn } from "./pages/sign_in.ts";

export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly inbox: Inbox;
  /** Uncaught errors, and whatever the content security policy blocked. */
  readonly complaints: string[];
}

/** The accounts of the server under test; skips the test, saying so, where there is no server. */
export function accountsOrSkip(): ReadonlyMap<string, Account> {
  const { WARDLINE_URL: url, WARDLINE_ACCOUNTS: file } = process.env;
  test.skip(url === undefined || file === undefined, "no server to travel on: set WARDLINE_URL and WARDLINE_ACCOUNTS");
  return readAccounts(file!);
}

export async function sitDown(browser: Browser): Promise<Seat> {
  return sitDownAt(await browser.newContext());
}

async function sitDownAt(context: BrowserContext): Promise<Seat> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && /Content Security Policy/.test(message.text()) && complaints.push(message.text()));
  await addAuthenticator(page);
  await page.goto("/");
  return { context, page, inbox: new Inbox(page), complaints };
}

/** The first time: password, activation code, a passkey, a device. */
export async function arrive(browser: Browser, account: Account): Promise<Seat> {
  const seat = await sitDown(browser);
  const signIn = new SignIn(seat.page);
  await signIn.password(account.username, account.password);
  await signIn.enrolPasskey(account.activation_code);
  await signIn.isIn();
  return seat;
}

/** A browser that can be closed and opened again: what it keeps is in `profile`. */
export async function openBrowser(profile: string): Promise<Seat> {
  const { WARDLINE_URL: baseURL } = process.env;
  return sitDownAt(await chromium.launchPersistentContext(profile, { ...LAUNCH, ...(baseURL !== undefined && { baseURL }), ignoreHTTPSErrors: true, locale: "en-GB", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } }));
}

/** Everybody goes home, and nobody's browser has complained. */
export async function leave(...seats: Seat[]): Promise<void> {
  expect(seats.flatMap((seat) => seat.complaints)).toEqual([]);
  await Promise.all(seats.map((seat) => seat.context.close()));
}

const STEP_MILLISECONDS = 30_000;

/** An authenticator app (RFC 6238). A code works once, so it waits for the next one where it must. */
export class AuthenticatorApp {
  private readonly key: Buffer;
  private last = 0;

  constructor(secretBase32: string) {
    this.key = fromBase32(secretBase32);
  }

  async code(): Promise<string> {
    const now = () => Math.floor(Date.now() / STEP_MILLISECONDS);
    this.last = Math.max(now(), this.last + 1);
    // The server takes the code of the half minute before and after its own.
    while (this.last > now() + 1) await new Promise((resolve) => setTimeout(resolve, 500));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.last));
    const digest = createHmac("sha1", this.key).update(counter).digest();
    const offset = digest[19]! & 15;
    return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
  }
}

function fromBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text.replaceAll(/[\s=]/g, "")].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
