/** What the messages hand to the composer: one to answer, or one of mine that was refused, to be written anew. */
import type { OutboxRecord } from "@wardline/messaging";

export type Handed = { readonly answer: string } | { readonly again: OutboxRecord };
