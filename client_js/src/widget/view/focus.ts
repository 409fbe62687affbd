/** The panel as a full screen on phones: focus stays inside, the keyboard covers nothing. */
import { useEffect, useState } from "preact/hooks";

const FOCUSABLE = "a[href], button:not([disabled]), textarea, input, [tabindex='0']";
const NARROW = "(max-width: 479.98px)";

export function useFullScreen(): boolean {
  const [isFull, set] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const look = () => set(media.matches);
    media.addEventListener("change", look);
    return () => media.removeEventListener("change", look);
  }, []);
  return isFull;
}

export function keepFocusInside(event: KeyboardEvent, box: HTMLElement): void {
  if (event.key !== "Tab") return;
  const all = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const active = (box.getRootNode() as ShadowRoot | Document).activeElement;
  const edge = event.shiftKey ? all[0] : all.at(-1);
  if (active !== edge) return;
  event.preventDefault();
  (event.shiftKey ? all.at(-1) : all[0])?.focus();
}

/** What is really to be seen: a phone's keyboard makes it smaller than the window. */
export function useViewport(box: { current: HTMLElement | null }, isFullScreen: boolean): void {
  useEffect(() => {
    const view = window.visualViewport;
    const element = box.current;
    if (view === null || element === null || !isFullScreen) return;
    const fit = () => {
      element.style.height = `${view.height}px`;
      element.style.top = `${view.offsetTop}px`;
    };
    fit();
    view.addEventListener("resize", fit);
    view.addEventListener("scroll", fit);
    return () => {
      view.removeEventListener("resize", fit);
      view.removeEventListener("scroll", fit);
      element.style.height = element.style.top = "";
    };
  }, [isFullScreen]);
}
