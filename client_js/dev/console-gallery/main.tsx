import "@fontsource-variable/inter/index.css";
import "../../src/console/styles/sheets.css";

import { createRoot } from "react-dom/client";

import { App, newQueries } from "../../src/console/app";
import { setDraft } from "../../src/console/inbox/drafts";
import { openOverlay } from "../../src/console/frame/overlays";
import { followTheme } from "../../src/console/theme";
import { answerByScript } from "./answers";
import { scripted } from "./scripted";
import { STATES } from "./states";

const wanted = new URLSearchParams(location.search);
const state = STATES[wanted.get("state") ?? "empty"] ?? STATES["empty"];
answerByScript(wanted.get("http") ?? "");
followTheme();
// What one picture edited isn't to come back in the next, unless that is what is looked at.
if (!wanted.has("kept")) localStorage.removeItem("frontdesk.routing.unsaved");
const draft = wanted.get("draft");
if (draft !== null)
  setDraft("c1", draft === "long" ? "A line of a long draft.\n".repeat(14) : draft);

const place = document.getElementById("console");
if (place !== null && state !== undefined) {
  createRoot(place).render(
    <App queries={newQueries()} connect={() => [scripted(state), () => undefined]} />,
  );
}
const overlay = wanted.get("overlay");
if (overlay === "palette" || overlay === "shortcuts") setTimeout(() => openOverlay(overlay), 300);
