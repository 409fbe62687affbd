import "@fontsource-variable/inter/index.css";
import "./styles/sheets.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App, newQueries } from "./app";
import { connectAs } from "./connect";
import { sweepDrafts } from "./inbox/drafts";
import { deviceName } from "./live/device";
import { followOtherTabs } from "./settings";
import { followTheme } from "./theme";

followOtherTabs();
followTheme();
sweepDrafts();

const place = document.getElementById("console");
if (place !== null) {
  const connect = connectAs(await deviceName());
  createRoot(place).render(
    <StrictMode>
      <App queries={newQueries()} connect={connect} />
    </StrictMode>,
  );
}
