/** The demonstration accounts that a server wrote down when it was filled: a table, a header first, two spaces between columns. */
import { existsSync, readFileSync } from "node:fs";

export interface Account {
  readonly username: string;
  readonly password: string;
  readonly activationCode: string;
}

export function readAccounts(path: string): ReadonlyMap<string, Account> {
  const file = existsSync(path) ? path : path.replace(/\.json$/, ".txt");
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s{1,}/))
    .filter((columns) => columns.length >= 4 && /^[a-z.]+$/.test(columns[0]!) && columns[2]!.includes("-"));
  return new Map(rows.map(([username, password, activationCode]) => [username!, { username: username!, password: password!, activationCode: activationCode! }]));
}
