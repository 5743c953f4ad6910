/** The demonstration accounts that a server wrote down when it was filled (demo-accounts.json). */
import { readFileSync } from "node:fs";

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly activation_code: string;
}

export function readAccounts(path: string): ReadonlyMap<string, Account> {
  const { accounts } = JSON.parse(readFileSync(path, "utf8")) as { accounts: Account[] };
  return new Map(accounts.map((account) => [account.username, account]));
}
