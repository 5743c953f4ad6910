/** The catalogue in use. One language is bundled; more would be chosen here, by the person's setting. */
import { type Catalogue, en } from "./en.ts";

export { count, listOf } from "./en.ts";
export const t: Catalogue = en;
