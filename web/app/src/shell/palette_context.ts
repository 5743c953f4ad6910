/** How any part opens "go anywhere". */
import { createContext } from "react";

export const PaletteContext = createContext<() => void>(() => undefined);
