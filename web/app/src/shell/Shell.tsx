/** The frame around every screen: where one can go, how fresh it all is, and the keys that go anywhere. */
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useApp, useWorkspace } from "../context.tsx";
import { initials } from "../models/names.ts";
import { needCount } from "../models/inbox.ts";
import { IconButton } from "../parts/Button.tsx";
import { Face } from "../parts/Face.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { t } from "../text/index.ts";
import { Announcer } from "./Announcer.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { TrustBanner } from "./TrustBanner.tsx";
import { PaletteContext } from "./palette_context.ts";
import { useShellKeys } from "./keys.ts";
import { SectionsProvider, useOpenConversation, useSections } from "./sections.tsx";
import { useTabTitle } from "./use_tab_title.ts";

const Palette = lazy(() => import("./Palette.tsx"));
const KeyHelp = lazy(() => import("./KeyHelp.tsx"));

const PLACES = [
  { to: "/", icon: "inbox", label: t.nav.inbox },
  { to: "/patients", icon: "patients", label: t.nav.patients },
  { to: "/on-call", icon: "clock", label: t.nav.onCall },
  { to: "/people", icon: "people", label: t.nav.people },
] as const satisfies readonly { to: string; icon: IconName; label: string }[];

export function Shell() {
  return (
    <SectionsProvider>
      <Frame />
    </SectionsProvider>
  );
}

function Frame() {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useShellKeys({ onPalette: () => setOpen("palette"), onHelp: () => setOpen("keys") });
  useTabTitle(path);
  const conversation = useOpenConversation();
  useEffect(() => void import("../screens/conversation/ConversationScreen.tsx"), []);
  const isDetail = path.startsWith("/c/") || path === "/new" || /^\/patients\/./.test(path);
  return (
    <PaletteContext value={() => setOpen("palette")}>
      <div className={isDetail ? "shell detail" : "shell"}>
        <a className="skip" href="#content">
          {t.nav.skip}
        </a>
        <Rail path={path} />
        <div className="banners">
          <TrustBanner />
          <ConnectionBanner />
        </div>
        <Outlet />
        <Announcer open={conversation} />
      </div>
      <Suspense>
        {open === "palette" && <Palette onClose={() => setOpen(null)} onHelp={() => setOpen("keys")} />}
        {open === "keys" && <KeyHelp onClose={() => setOpen(null)} />}
      </Suspense>
    </PaletteContext>
  );
}

function Rail({ path }: { path: string }) {
  const { session } = useApp();
  const { session: signedIn } = useWorkspace();
  const needs = needCount(useSections());
  const isHere = (to: string) => (to === "/" ? path === "/" || path === "/new" || path.startsWith("/c/") : path.startsWith(to));
  return (
    <nav className="rail" aria-label={t.nav.label}>
      <span className="logo" aria-hidden="true">
        W
      </span>
      {PLACES.map((place) => (
        <Link key={place.to} to={place.to} className="place" aria-current={isHere(place.to) ? "page" : undefined}>
          <span className="glyph">
            <Icon name={place.icon} />
            {place.to === "/" && needs > 0 && <span className="badge">{needs}</span>}
          </span>
          {place.label}
        </Link>
      ))}
      <span className="rest" />
      <span className="lock">
        <IconButton icon="lock" label={t.nav.lock} onPress={() => void session.end("locked")} />
      </span>
      <Link to="/security" className="account" aria-label={t.nav.account(signedIn.user.name)} aria-current={isHere("/security") ? "page" : undefined}>
        <Face text={initials(signedIn.user.name)} kind="person" size="s" />
        <span className="label" aria-hidden="true">
          {t.nav.more}
        </span>
      </Link>
    </nav>
  );
}
