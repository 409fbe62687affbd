/** What the embedding page says of the widget, as `data-…` of the script element. */

export interface Settings {
  /** Where the server is, with a slash at its end. */
  server: string;
  desk: string;
  /** The name at the top of the panel. */
  name: string;
  /** The company's colour, `#rrggbb`. */
  colour: string;
  /** A language tag; the widget speaks the nearest one that it knows. */
  language: string;
  theme: "auto" | "light" | "dark";
  side: "right" | "left";
  /** The name of the global function, and a second one that it also answers to (VS-5). */
  global: string;
  alias: string;
  /** For pages whose policy trusts scripts by nonce. */
  nonce: string;
}

const COLOUR = "#0f766e";

export function settingsOf(script: HTMLScriptElement): Settings {
  const data = script.dataset;
  return {
    server: new URL(data["server"] ?? "..", script.src).href,
    desk: data["desk"] ?? "main",
    name: data["name"] ?? "",
    colour: /^#[0-9a-f]{6}$/i.test(data["color"] ?? "") ? (data["color"] ?? COLOUR) : COLOUR,
    language: data["lang"] ?? (document.documentElement.lang || navigator.language),
    theme: data["theme"] === "light" || data["theme"] === "dark" ? data["theme"] : "auto",
    side: data["side"] === "left" ? "left" : "right",
    global: data["global"] ?? "frontdesk",
    alias: data["alias"] ?? "",
    nonce: script.nonce,
  };
}
