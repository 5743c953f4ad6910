/** Whether the screen is hidden because nobody is here: what comes meanwhile has not been read. */
import { createContext } from "react";

export const HiddenContext = createContext(false);
