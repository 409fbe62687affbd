/** What stands around every page: rail, banner, rings, keyboard, palette. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo } from "react";

import { meQuery } from "../api/people";
import { mayRoute } from "../api/rights";
import { useEndings } from "../inbox/endings";
import { Inbox, useChatCommands } from "../inbox/inbox";
import { NARROW, useMedia } from "../inbox/media";
import { say } from "../kit/toast";
import { useLive, useLiveState } from "../live/use-live";
import { decline, first, start } from "../ring/actions";
import { useAttention } from "../ring/attention";
import { RingBar } from "../ring/bar";
import { type Page, pageAddress, type Route } from "../route";
import { set, settings } from "../settings";
import { texts } from "../texts";
import { switchTheme } from "../theme";
import { type Command, useCommands } from "./commands";
import { ErrorBoundary } from "./error-boundary";
import { listen } from "./keyboard";
import { LinkBanner } from "./link-banner";
import { Notices } from "./notices";
import { openOverlay } from "./overlays";
import { Palette } from "./palette";
import { Rail } from "./rail";
import { Shortcuts } from "./shortcuts";

/** The pages that are not a rep's day come when they are opened. */
const HistoryPage = lazy(async () => ({
  default: (await import("../history/history")).HistoryPage,
}));
const Routing = lazy(async () => ({ default: (await import("../routing/routing")).Routing }));
const Team = lazy(async () => ({ default: (await import("../team/team")).Team }));
const Account = lazy(async () => ({ default: (await import("../account/account")).Account }));

export function Frame({ route }: { route: Exclude<Route, { page: "invitation" }> }) {
  const live = useLive();
  const narrow = useMedia(NARROW);
  const name = texts.nav[route.page];
  const listSeen = route.page === "inbox" && !(narrow && route.panes.length > 0);
  useAttention(name);
  useEndings(live);
  useEverywhereCommands();
  useChatCommands();
  useEffect(listen, []);
  return (
    <div className="frame">
      <Rail page={route.page} />
      <div className="frame-main">
        <LinkBanner />
        <Notices />
        {listSeen ? null : <RingBar />}
        <ErrorBoundary key={route.page}>
          <Suspense fallback={null}>
            <PageOf route={route} />
          </Suspense>
        </ErrorBoundary>
      </div>
      <Palette />
      <Shortcuts />
    </div>
  );
}

function PageOf({ route }: { route: Exclude<Route, { page: "invitation" }> }) {
  switch (route.page) {
    case "inbox":
      return <Inbox panes={route.panes} />;
    case "history":
      return <HistoryPage conversation={route.conversation} query={route.query} />;
    case "routing":
      return <Routing part={route.part} item={route.item} />;
    case "team":
      return <Team part={route.part} />;
    case "account":
      return <Account />;
  }
}

/** What can be done on every page. */
function useEverywhereCommands(): void {
  const live = useLive();
  const ringing = useLiveState((state) => first(state.rings)?.offer.conversation);
  const here = useLiveState((state) => state.availability === "available");
  const routes = mayRoute(useQuery(meQuery).data?.rights ?? []);
  const list = useMemo((): Command[] => {
    const words = texts.shortcuts;
    const to = (page: Page) => () => {
      location.hash = pageAddress(page);
    };
    const search = () => {
      to("history")();
      setTimeout(() => document.querySelector<HTMLElement>(".history-list input")?.focus(), 50);
    };
    const mute = () => set({ sound: !settings().sound });
    const availability = () =>
      live
        .setAvailability(here ? "away" : "available")
        .catch(() => say(texts.availability.failed, { bad: true }));
    const always: Command[] = [
      { id: "availability", name: words.availability, keys: "a", run: () => void availability() },
      { id: "inbox", name: words.inbox, keys: "g i", run: to("inbox") },
      { id: "history", name: words.history, keys: "g h", run: to("history") },
      ...(routes
        ? [{ id: "routing", name: texts.routing.shortcuts.go, keys: "g r", run: to("routing") }]
        : []),
      { id: "team", name: words.team, keys: "g t", run: to("team") },
      { id: "account", name: words.account, keys: "g a", run: to("account") },
      { id: "search", name: words.search, keys: "/", run: search },
      { id: "theme", name: words.theme, keys: "l", run: switchTheme },
      { id: "mute", name: words.mute, keys: "m", run: mute },
      { id: "help", name: words.help, keys: "?", run: () => openOverlay("shortcuts") },
      {
        id: "palette",
        name: words.palette,
        keys: "Mod+k",
        run: () => openOverlay("palette"),
        unlisted: true,
      },
    ];
    if (ringing === undefined) return always;
    return [
      { id: "start", name: words.start, keys: "Enter", run: () => void start(live, ringing) },
      { id: "decline", name: words.decline, keys: "d", run: () => void decline(live, ringing) },
      ...always,
    ];
  }, [live, ringing, here, routes]);
  useCommands(list);
}
