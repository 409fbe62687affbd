/** The page's function: `frontdesk("identify", {email})` and the like (VS-5). */
import type { Fields } from "../protocol/index.ts";
import type { Call } from "./handoff.ts";
import type { Listener, Model } from "./model.ts";
import { currentPage } from "./pages.ts";

/** What the page calls wrongly is ignored: its visitors shall not suffer from it. */
export function answer(model: Model, [name, first, second]: Call): void {
  switch (name) {
    case "page":
      model.client.page(currentPage());
      break;
    case "identify":
    case "saveFormData":
      model.client.identify(fieldsOf(first), typeof second === "string" ? second : "");
      break;
    case "track":
      if (typeof first === "string") model.tell("tracked", { name: first, data: second });
      break;
    case "handleEvents":
      if (typeof first === "function") model.listen(first as Listener);
      break;
    case "open":
      model.open();
      break;
    case "close":
      model.close();
      break;
    case "toggle":
      model.toggle();
      break;
  }
}

/** What the protocol takes: at most 64 plain values, names of at most 64 and texts of 256 characters. */
export function fieldsOf(given: unknown): Fields {
  if (typeof given !== "object" || given === null) return {};
  const fields: Fields = {};
  for (const [name, value] of Object.entries(given as Record<string, unknown>).slice(0, 64)) {
    if (name.length > 64) continue;
    if (typeof value === "string") fields[name] = value.slice(0, 256);
    else if (typeof value === "boolean" || value === null) fields[name] = value;
    else if (typeof value === "number" && Number.isFinite(value)) fields[name] = value;
  }
  return fields;
}
