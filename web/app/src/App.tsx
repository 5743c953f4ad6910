/** From the state of the session to what is on screen. */
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { isTransient, type WardlineApi } from "@wardline/api";
import type { SessionController, Workspace } from "@wardline/messaging";
import { AppContext, useObservable, WorkspaceContext } from "./context.tsx";
import { router } from "./router.tsx";
import { IdleGuard } from "./shell/IdleGuard.tsx";
import { Starting, Unreachable } from "./screens/signin/Starting.tsx";

// Somebody whose session goes on never needs these.
const SignIn = lazy(() => import("./screens/signin/SignIn.tsx"));
const SetUp = lazy(() => import("./screens/signin/SetUp.tsx"));

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 30_000, retry: (failures, error) => failures < 2 && isTransient(error), refetchOnWindowFocus: true } },
});

export function App({ session, api }: { session: SessionController; api: WardlineApi }) {
  useEffect(() => void session.start(), [session]);
  return (
    <AppContext value={{ session, api }}>
      <QueryClientProvider client={queries}>
        <Suspense fallback={<Starting />}>
          <Stage session={session} />
        </Suspense>
      </QueryClientProvider>
    </AppContext>
  );
}

function Stage({ session }: { session: SessionController }) {
  const state = useObservable(session.state);
  useEffect(() => {
    // What one person has looked up is not there for the next.
    if (state.stage === "signed_out") queries.clear();
  }, [state.stage]);
  switch (state.stage) {
    case "starting":
      return <Starting />;
    case "unreachable":
      return <Unreachable onRetry={() => void session.start()} />;
    case "setting_up":
    case "device_lost":
      return <SetUp state={state} />;
    case "ready":
      return (
        <Open workspace={state.workspace}>
          <RouterProvider router={router} />
        </Open>
      );
    default:
      return <SignIn state={state} />;
  }
}

function Open({ workspace, children }: { workspace: Workspace; children: ReactNode }) {
  useEffect(() => {
    const keep = () => void workspace.drafts.flush().catch(() => undefined);
    // What has been uploaded for a message that will not be sent need not wait until the server finds out.
    const leave = (event: PageTransitionEvent) => {
      keep();
      if (!event.persisted) workspace.uploads.close();
    };
    const wake = () => workspace.nudge();
    addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", keep);
    addEventListener("online", wake);
    return () => {
      removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", keep);
      removeEventListener("online", wake);
    };
  }, [workspace]);
  return (
    <WorkspaceContext value={workspace}>
      <IdleGuard>{children}</IdleGuard>
    </WorkspaceContext>
  );
}
