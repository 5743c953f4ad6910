/** Keys of the whole app. Single letters work only while nobody is typing. */
import { useEffect, useRef } from "react";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { rowOrder } from "../models/inbox.ts";
import { useSections } from "./sections.tsx";

export interface ShellKeys {
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
const isInDialog = (target: EventTarget | null) => target instanceof Element && target.closest("[role=dialog], [role=alertdialog]") !== null;

export function useShellKeys({ onPalette, onHelp }: ShellKeys): void {
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const sections = useSections();

  const step = (by: number) => {
    const order = rowOrder(sections);
    const at = order.indexOf(path.replace(/^\/c\//, ""));
    const next = order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + by))];
    if (next !== undefined) void navigate({ to: "/c/$conversationId", params: { conversationId: next } });
  };

  const press = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) return act(event, onPalette);
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isInDialog(event.target)) return;
    if (event.key === "Escape") return isTyping(event.target) ? (event.target as HTMLElement).blur() : act(event, () => void navigate({ to: "/" }));
    if (isTyping(event.target)) return;
    if (event.key === "j") act(event, () => step(1));
    else if (event.key === "k") act(event, () => step(-1));
    else if (event.key === "n") act(event, () => void navigate({ to: "/new" }));
    else if (event.key === "r") act(event, () => document.querySelector<HTMLElement>("[data-composer]")?.focus());
    else if (event.key === "?") act(event, onHelp);
  };

  const latest = useRef(press);
  latest.current = press;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => latest.current(event);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
}

function act(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}
