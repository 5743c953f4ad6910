/** One family of icons: 24 units, a stroke of 1.7, no fills. Decorative: the words beside them carry the meaning. */

const PATHS = {
  inbox: "M4 5h16v11H10l-5 4v-4H4z",
  patients: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21v-1a6 6 0 0 1 6-6h4a6 6 0 0 1 6 6v1M12 16v4M10 18h4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.3c2.2.8 3.5 2.9 3.5 5.700",
  shield: "M12 3l7 3v5c0 4.5-2.9 8.3-7 10-4.100-1.700-7-5.5-7-10V6z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  write: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 8h.01",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2 12.5l4 4 7-8M11 15.5l1.5 1.5L21 8",
  attach: "M20 11.5l-8 8a5 5 0 0 1-7-7l8.500-8.500a3.300 3.300 0 0 1 4.700 4.700L9.700 17a1.600 1.600 0 0 1-2.300-2.300L14.500 7.600",
  file: "M6 3h8l5 5v13H6zM13.500 3v5.500H19",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.500 9h.01",
  again: "M19 12a7 7 0 1 1-2-4.900M19 4v4h-4",
  send: "M4 12l16-7-6 15-3-6z",
  reply: "M10 6l-6 5 6 5v-3c5 0 8 1 10 5 0-6-3-9-10-9z",
  down: "M12 5v14M6 13l6 6 6-6",
  device: "M7 3h10v18H7zM11 18h2",
  computer: "M4 5h16v11H4zM9 20h6M12 16v4",
  key: "M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12h9M18 12v3",
  offline: "M3 3l18 18M8.5 12.5a6 6 0 0 1 2-1.3M5 9a11 11 0 0 1 3-2M19 9a11 11 0 0 0-7-2.9M15.5 12.5l-.6-.5M12 17h.01",
  eye: "M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  bed: "M3 6v13M3 16h18v3M21 16v-3a3 3 0 0 0-3-3h-8v6M6.5 12.5h.01",
  keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  return (
    <svg className={small ? "icon small" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** Priority by shape: a triangle is critical, a diamond is urgent. */
export function PriorityShape({ priority }: { priority: "urgent" | "critical" }) {
  return (
    <svg className="shape" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
      <path d={priority === "critical" ? "M5 .5 9.8 9.5H.2z" : "M5 0l5 5-5 5-5-5z"} />
    </svg>
  );
}
