/** Addresses carry ids and nothing else. Screens that are not the inbox load when they are first wanted. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { InboxScreen } from "./screens/inbox/InboxScreen.tsx";
import { Shell } from "./shell/Shell.tsx";
import { LoadError, NotFound } from "./shell/Fallbacks.tsx";

// The inbox is drawn first; what a tap on it needs is fetched right behind it (see Shell).
const conversation = lazyRouteComponent(() => import("./screens/conversation/ConversationScreen.tsx"), "ConversationScreen");

const root = createRootRoute({ component: Shell, errorComponent: LoadError, notFoundComponent: NotFound });
const inbox = createRoute({ getParentRoute: () => root, id: "inbox", component: InboxScreen });

const routes = root.addChildren([
  inbox.addChildren([
    createRoute({ getParentRoute: () => inbox, path: "/" }),
    createRoute({ getParentRoute: () => inbox, path: "/c/$conversationId", component: conversation }),
    createRoute({ getParentRoute: () => inbox, path: "/new", component: lazyRouteComponent(() => import("./screens/compose/NewMessage.tsx")) }),
  ]),
  createRoute({ getParentRoute: () => root, path: "/patients", component: lazyRouteComponent(() => import("./screens/directory/PatientsScreen.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/patients/$patientId", component: lazyRouteComponent(() => import("./screens/directory/PatientsScreen.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/people", component: lazyRouteComponent(() => import("./screens/directory/PeopleScreen.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/on-call", component: lazyRouteComponent(() => import("./screens/directory/OnCallScreen.tsx")) }),
  createRoute({ getParentRoute: () => root, path: "/security", component: lazyRouteComponent(() => import("./screens/security/SecurityScreen.tsx")) }),
]);

export const router = createRouter({ routeTree: routes, defaultPreload: "intent", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
