/** The page, as the address after `#` says it: `#/inbox/c1+c2`, `#/history/c3`, `#/invitation/…`. */
import { useSyncExternalStore } from "react";

export type Page = "inbox" | "history" | "routing" | "team" | "account";
export const PAGES: readonly Page[] = ["inbox", "history", "routing", "team", "account"];

export const ROUTING_PARTS = [
  "rules",
  "simulate",
  "versions",
  "fairness",
  "owners",
  "fields",
] as const;
export type RoutingPart = (typeof ROUTING_PARTS)[number];
/** So many conversations fit beside each other. */
export const MOST_PANES = 3;

export type Route =
  | { page: "inbox"; panes: readonly string[] }
  | { page: "history"; conversation: string | null; query: string }
  /** `item` is a rule's id, a version's number. */
  | { page: "routing"; part: RoutingPart; item: string | null }
  | { page: "team"; part: "reps" | "groups" | "invitations" }
  | { page: "account" }
  | { page: "invitation"; token: string };

export function parseRoute(hash: string): Route {
  const [path, search] = cut(hash.replace(/^#\/?/, ""), "?");
  const [page, coded] = cut(path, "/");
  const rest = decoded(coded);
  if (page === "history") {
    return { page, conversation: rest || null, query: new URLSearchParams(search).get("q") ?? "" };
  }
  if (page === "routing") {
    const [name, item] = cut(rest, "/");
    const part = ROUTING_PARTS.find((one) => one === name) ?? "rules";
    return { page, part, item: part === name && item ? item : null };
  }
  if (page === "team") {
    return { page, part: rest === "groups" || rest === "invitations" ? rest : "reps" };
  }
  if (page === "account") return { page };
  if (page === "invitation") return { page, token: rest };
  const panes = page === "inbox" ? rest.split("+").filter(Boolean) : [];
  return { page: "inbox", panes: [...new Set(panes)].slice(0, MOST_PANES) };
}

function cut(text: string, at: string): [string, string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, ""] : [text.slice(0, place), text.slice(place + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function address(route: Route): string {
  switch (route.page) {
    case "inbox":
      return `#/inbox${route.panes.length ? `/${route.panes.join("+")}` : ""}`;
    case "history": {
      const query = route.query ? `?q=${encodeURIComponent(route.query)}` : "";
      return `#/history${route.conversation ? `/${route.conversation}` : ""}${query}`;
    }
    case "routing": {
      const item = route.item === null ? "" : `/${encodeURIComponent(route.item)}`;
      return route.part === "rules" && !item ? "#/routing" : `#/routing/${route.part}${item}`;
    }
    case "team":
      return route.part === "reps" ? "#/team" : `#/team/${route.part}`;
    case "account":
      return "#/account";
    case "invitation":
      return `#/invitation/${encodeURIComponent(route.token)}`;
  }
}

export const pageAddress = (page: Page) =>
  address(
    page === "inbox"
      ? { page, panes: [] }
      : page === "history"
        ? { page, conversation: null, query: "" }
        : page === "routing"
          ? { page, part: "rules", item: null }
          : page === "team"
            ? { page, part: "reps" }
            : { page },
  );

export function go(route: Route): void {
  location.hash = address(route);
}

/** Changes the address without a step in the browser's history (typing in a search field). */
export function replaceRoute(route: Route): void {
  history.replaceState(null, "", address(route));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

let cached: { hash: string; route: Route } | null = null;

function current(): Route {
  if (cached?.hash !== location.hash) {
    cached = { hash: location.hash, route: parseRoute(location.hash) };
  }
  return cached.route;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

export const useRoute = (): Route => useSyncExternalStore(subscribe, current);
export const currentRoute = current;
