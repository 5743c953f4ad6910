/** docs/mls-interoperation.md, out of the rows that are run: it cannot promise what is not tested. */
import type { Defect } from "./defects.ts";
import type { Side } from "./world.ts";

export function page(rows: ReadonlyMap<string, readonly Side[]>, defects: readonly Defect[]): string {
  return `# MLS with others

Written by \`node web/tests/interop/foreign.mjs --write\` from the rows that \`script/test interop\` runs; do not edit.

\`lib/mls/member\` and ts-mls 1.6.4, an implementation of RFC 9420 in TypeScript that others wrote, in one group. Every row runs in the
cipher suites 1, 2, 5 and 7, once with ours and once with theirs as the one who commits, unless it says otherwise. After each step
both have the same epoch, tree hash, transcript hash, epoch authenticator and exporter.

${[...rows].map(([name, sides]) => `- ${name}${sides.length === 1 ? ` (${sides[0]} commits)` : ""}`).join("\n")}
- random histories of both sides in one group: add, remove, update, by value and by reference, late messages

## Where ts-mls 1.6.4 departs from RFC 9420

Marked in the table of the run. Each row shows what the package sends or refuses, and fails if that changes.

| section | what | direction | suites |
|---|---|---|---|
${defects.map((each) => `| ${each.section} | ${each.what} | ${each.direction} | ${each.suites.join(", ")} |`).join("\n")}

The package has no call that makes an Update proposal, so that one is ours in both directions. Its ECDSA keys are handed to it
uncompressed in all rows but the one about them.

## Beside mls-rs

\`tests/interop/mls_rs\` is a program over mls-rs 0.57.0 (Rust). It plays the same rows, and with both sides committing also external join,
Remove by an external sender and every form of GroupContextExtensions: none is marked. Rust is no part of what \`script/setup\` brings, so
the run says that this half was not played unless somebody has built the program:
\`cargo build --release --manifest-path tests/interop/mls_rs/Cargo.toml\`.

## Browsers beside native members

Among our own, the same run puts members in Chromium (WebAssembly, with Promise Integration and without) and native ones into one group
of up to 50 and tells random histories of it: \`web/tests/interop/mixed\`.
`;
}
