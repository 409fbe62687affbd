/**
 * The snippet (VS-7): draws the launcher, collects what the page calls, and fetches the widget when
 * the page is idle or the launcher is pressed. A server that can't be reached costs the page nothing:
 * no error, and no launcher that leads nowhere.
 */
import { paletteOf } from "./colour.ts";
import { type Call, type Handoff, hand } from "./handoff.ts";
import css from "./launcher.css?inline";
import { type Settings, settingsOf } from "./settings.ts";
import { sheet } from "./sheet.ts";

const EN = "Open chat";
const OPEN: Record<string, string> = {
  de: "Chat öffnen",
  fr: "Ouvrir le chat",
  es: "Abrir el chat",
  ja: "チャットを開く",
};
const RETRY_MS = [4_000, 20_000, 60_000, 300_000];
const ICON =
  "M21 11.5a8.4 8.4 0 0 1-9 8.4 9.6 9.6 0 0 1-3.6-.7L3 20.5l1.4-4.6a8 8 0 0 1-1.4-4.4 8.5 8.5 0 0 1 9-8.4 8.5 8.5 0 0 1 9 8.4Z";
const MARK = "data-frontdesk";

type Queue = ((...call: unknown[]) => void) & { q?: Iterable<ArrayLike<unknown>> };

const script = document.currentScript;
if (script instanceof HTMLScriptElement && document.querySelector(`[${MARK}]`) === null) {
  start(settingsOf(script));
}

function start(settings: Settings): void {
  const host = document.createElement("div");
  host.setAttribute(MARK, settings.desk);
  const root = host.attachShadow({ mode: "closed" });
  const calls = collect(settings);
  const button = launcher(settings);
  const handoff: Handoff = {
    settings,
    host,
    root,
    isWanted: false,
    answer: (receive) => calls.deliver(receive),
    leave() {
      const hadFocus = root.activeElement === button;
      button.remove();
      return hadFocus;
    },
  };
  const fetchOnce = fetcher(handoff, button);
  button.onclick = () => {
    handoff.isWanted = true;
    button.setAttribute("aria-busy", "true");
    fetchOnce();
  };
  whenBody(() => {
    const { brand, onBrand } = paletteOf(settings.colour);
    root.adoptedStyleSheets = [sheet(css), sheet(`:host{--brand:${brand};--on-brand:${onBrand}}`)];
    root.append(button);
    document.body.append(host);
    whenIdle(fetchOnce);
  });
}

/** The page's function: collects calls until somebody receives them. */
function collect(settings: Settings) {
  const waiting: Call[] = [];
  let receive = (call: Call): void => void waiting.push(call);
  const globals = window as unknown as Record<string, Queue | undefined>;
  for (const name of [settings.global, settings.alias].filter((each) => each !== "")) {
    for (const call of globals[name]?.q ?? []) waiting.push(Array.from(call));
    globals[name] = (...call: unknown[]) => receive(call);
  }
  return {
    deliver(to: (call: Call) => void): void {
      receive = to;
      for (const call of waiting.splice(0)) to(call);
    },
  };
}

function launcher({ side, language }: Settings): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `launcher ${side}`;
  const base = language.toLowerCase().split("-")[0] ?? "";
  button.setAttribute("aria-label", OPEN[base] ?? EN);
  button.setAttribute("aria-expanded", "false");
  button.append(icon());
  return button;
}

function icon(): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICON);
  svg.append(path);
  return svg;
}

/** Fetches the widget; where that fails, hides the launcher and tries again later. */
function fetcher(handoff: Handoff, button: HTMLElement): () => void {
  let tries = 0;
  let isOnItsWay = false;
  const fetchIt = () => {
    if (isOnItsWay) return;
    isOnItsWay = true;
    hand(handoff);
    const element = document.createElement("script");
    element.src = new URL("widget/widget.js", handoff.settings.server).href;
    element.async = true;
    element.nonce = handoff.settings.nonce;
    element.onload = () => element.remove();
    element.onerror = () => {
      element.remove();
      isOnItsWay = false;
      button.hidden = true;
      button.removeAttribute("aria-busy");
      const wait = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)];
      setTimeout(fetchIt, wait);
    };
    document.head.append(element);
  };
  return fetchIt;
}

function whenBody(call: () => void): void {
  if (document.readyState !== "loading") call();
  else document.addEventListener("DOMContentLoaded", call, { once: true });
}

/** After the page's own loading, and in a moment when it has nothing to do. */
function whenIdle(call: () => void): void {
  const soon = () => {
    if ("requestIdleCallback" in window) window.requestIdleCallback(call, { timeout: 2_000 });
    else setTimeout(call, 200);
  };
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}
