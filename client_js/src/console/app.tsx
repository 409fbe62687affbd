/** Who may see what: an invitation, signing in, or the frame. */
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";

import { Refused } from "./api/http";
import { meQuery } from "./api/people";
import { Frame } from "./frame/frame";
import { Failing, useLate } from "./kit/blank";
import { Toasts } from "./kit/toast";
import type { Live } from "./live/live";
import { LiveContext, useLive, useLiveState } from "./live/use-live";
import { useRoute } from "./route";
import { Invitation } from "./sign-in/invitation";
import { SignIn } from "./sign-in/sign-in";
import { texts } from "./texts";

export const newQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        refetchOnWindowFocus: false,
        // A refusal stays one; only a server that didn't answer is asked again.
        retry: (count, error) => count < 2 && !(error instanceof Refused && error.status < 500),
      },
    },
  });

/** `connect` starts a live desk for whoever is signed in and returns how to end it. */
export function App({
  queries,
  connect,
}: {
  queries: QueryClient;
  connect: () => [Live, () => void];
}) {
  return (
    <QueryClientProvider client={queries}>
      <Door connect={connect} />
      <Toasts />
    </QueryClientProvider>
  );
}

function Door({ connect }: { connect: () => [Live, () => void] }) {
  const route = useRoute();
  const me = useQuery({ ...meQuery, enabled: route.page !== "invitation" });
  if (route.page === "invitation") return <Invitation token={route.token} />;
  if (me.error instanceof Refused && me.error.status === 401) return <SignIn />;
  if (me.error && !me.data) return <Failing error={me.error} retry={() => void me.refetch()} />;
  if (!me.data) return <Opening />;
  return (
    <SignedIn key={me.data.id} connect={connect}>
      <Frame route={route} />
    </SignedIn>
  );
}

let running: { live: Live; stop: () => void } | null = null;

/** The one live desk of this tab; React's strict mode mounts twice and must not connect twice. */
function desk(connect: () => [Live, () => void]): Live {
  if (running === null) {
    const [live, stop] = connect();
    running = { live, stop };
  }
  return running.live;
}

function SignedIn({
  connect,
  children,
}: {
  connect: () => [Live, () => void];
  children: ReactNode;
}) {
  const live = desk(connect);
  return (
    <LiveContext value={live}>
      <SignOutWatch />
      {children}
    </LiveContext>
  );
}

/** When the server ended the sign-in, the sign-in page takes over. */
function SignOutWatch() {
  const queries = useQueryClient();
  const out = useLiveState(
    (state) => state.link.phase === "stopped" && state.link.why === "signed_out",
  );
  const live = useLive();
  useEffect(() => {
    if (!out) return;
    running?.stop();
    running = null;
    void queries.resetQueries();
  }, [out, queries, live]);
  return null;
}

function Opening() {
  const late = useLate(400);
  return (
    <div className="opening" role="status">
      {late ? texts.inbox.loadingTitle : ""}
    </div>
  );
}
