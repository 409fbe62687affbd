/** Builds the widget in a shadow root, from its settings and the seams to the outside. */
import { render } from "preact";

import { type Seams, VisitorClient, watchPage } from "../client/index.ts";
import { paletteOf } from "./colour.ts";
import { Memory } from "./memory.ts";
import { Model } from "./model.ts";
import { currentPage, watchPages } from "./pages.ts";
import type { Settings } from "./settings.ts";
import { Sounds } from "./sound.ts";
import { sheet } from "./sheet.ts";
import { textsFor } from "./texts.ts";
import { Widget } from "./view/Widget.tsx";
import css from "./widget.css?inline";

export interface MountOptions {
  settings: Settings;
  root: ShadowRoot;
  hasFocus?: boolean;
  seams?: Seams;
}

export function mount({ settings, root, hasFocus = false, seams }: MountOptions): Model {
  const memory = new Memory(settings.desk);
  const client = new VisitorClient({
    url: new URL("v1/visitor", settings.server).href.replace(/^http/, "ws"),
    page: currentPage(),
    locale: navigator.language.slice(0, 35),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    memory,
    ...(seams && { seams }),
  });
  const texts = textsFor(settings.language, navigator.language);
  const model = new Model({ settings, texts, client, memory, sounds: new Sounds() });
  root.adoptedStyleSheets = [sheet(css), sheet(brand(settings.colour))];
  const place = document.createElement("div");
  root.append(place);
  render(<Widget model={model} hasFocus={hasFocus} />, place);
  follow(model);
  void client.start();
  return model;
}

function follow(model: Model): void {
  watchPage(model.client);
  watchPages(() => model.client.page(currentPage()));
  document.addEventListener("visibilitychange", () => model.look());
}

function brand(colour: string): string {
  const { brand, onBrand, inkLight, inkDark } = paletteOf(colour);
  return `:host{--brand:${brand};--on-brand:${onBrand};--ink-light:${inkLight};--ink-dark:${inkDark}}`;
}
