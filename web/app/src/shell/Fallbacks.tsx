/** What stands where a screen could not be shown. */
import { Link, useRouter } from "@tanstack/react-router";
import { Button } from "../parts/Button.tsx";
import { Empty } from "../parts/Small.tsx";
import { t } from "../text/index.ts";

export function LoadError() {
  const router = useRouter();
  return (
    <main className="page">
      <Empty isPage icon="warning" title={t.error.title}>
        <p>{t.error.body}</p>
        <Button look="primary" onPress={() => void router.invalidate()}>
          {t.common.tryAgain}
        </Button>
      </Empty>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="page">
      <Empty isPage icon="info" title={t.error.notFound}>
        <p>{t.error.notFoundBody}</p>
        <Link to="/" className="button secondary">
          {t.error.toInbox}
        </Link>
      </Empty>
    </main>
  );
}
