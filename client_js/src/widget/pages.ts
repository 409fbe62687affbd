/** Which page the visitor is on, also where the site changes pages without loading them. */
import type { Page } from "../protocol/index.ts";

export function currentPage(): Page {
  const url = location.href.slice(0, 2048);
  return { url, title: document.title.slice(0, 256), referrer: document.referrer.slice(0, 2048) };
}

/** Calls back after each change of the address; the page notices nothing of it. */
export function watchPages(changed: () => void): void {
  let url = location.href;
  const look = () => {
    if (location.href === url) return;
    url = location.href;
    // The site sets its title after the address.
    setTimeout(changed, 50);
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  if (navigation !== undefined) {
    navigation.addEventListener("currententrychange", look);
    return;
  }
  window.addEventListener("popstate", look);
  window.addEventListener("hashchange", look);
  observe("pushState", look);
  observe("replaceState", look);
}

/** Calls what was there before with all that it was given, and only then looks. */
function observe(name: "pushState" | "replaceState", look: () => void): void {
  const original = Reflect.get(history, name);
  history[name] = function (this: History, ...given: Parameters<History["pushState"]>) {
    original.apply(this, given);
    queueMicrotask(look);
  };
}
