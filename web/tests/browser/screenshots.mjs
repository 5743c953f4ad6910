/** Pictures for the documentation: of all that `npm run pictures` takes, those that show best what it is, made small. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { smallPng } from "./small_png.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const source = resolve(process.argv[2] ?? join(here, "../../test-results/pictures"));
const target = resolve(here, "../../../docs/images");

const PICTURES = {
  "conversation-light": "a-critical-conversation-desk-light",
  "conversation-dark": "a-critical-conversation-desk-dark",
  "on-call": "on-call-desk-light",
  "namesakes": "a-namesake-prompt-desk-light",
  "phone-inbox": "the-inbox-phone-light",
  "phone-conversation": "a-critical-conversation-phone-dark",
  "phone-patient": "a-patient-to-confirm-phone-light",
  "phone-namesakes": "a-namesake-prompt-phone-dark",
};

mkdirSync(target, { recursive: true });
for (const [name, screen] of Object.entries(PICTURES)) {
  const picture = smallPng(readFileSync(join(source, `${screen}.png`)));
  writeFileSync(join(target, `${name}.png`), picture);
  console.log(`${name}.png ${Math.round(picture.length / 1024)} KB`);
}
