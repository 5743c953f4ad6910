/** Every screen and every state of one, and the way there: for checking them and for looking at them. */
import { composing } from "./composing.ts";
import { conversations } from "./conversations.ts";
import { places } from "./places.ts";
import { signingIn } from "./signing_in.ts";

export const SCREENS = { ...signingIn, ...places, ...conversations, ...composing };
