/** Light or dark: what the rep chose, else what the system says, written on <html>. */
import { onSettings, set, settings } from "./settings";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function shownTheme(): "light" | "dark" {
  const { theme } = settings();
  if (theme !== "system") return theme;
  return dark.matches ? "dark" : "light";
}

export function switchTheme(): void {
  set({ theme: shownTheme() === "dark" ? "light" : "dark" });
}

export function followTheme(): void {
  const apply = () => {
    document.documentElement.dataset["theme"] = shownTheme();
  };
  apply();
  dark.addEventListener("change", apply);
  onSettings(apply);
}
