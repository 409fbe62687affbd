/** From key presses to commands. */
import { settings } from "../settings";
import { type Command, offered } from "./commands";

/** What of a key press decides. */
export type Press = Pick<
  KeyboardEvent,
  "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey"
>;

export interface Situation {
  /** A text field has the focus. */
  writing: boolean;
  /** Something that takes Enter itself was reached by keyboard. */
  onControl: boolean;
  singleKeys: boolean;
  /** The first key of a pair, pressed a moment ago. */
  pending: string | null;
}

/** The name of a press: a letter, digit, "?", "/", "Enter"…; by place when Alt changes the letter. */
export function nameOf(press: Press): string {
  if (press.altKey) {
    const letter = /^Key([A-Z])$/.exec(press.code)?.[1];
    if (letter !== undefined) return letter.toLowerCase();
    const digit = /^Digit(\d)$/.exec(press.code)?.[1];
    if (digit !== undefined) return digit;
  }
  return press.key.length === 1 ? press.key.toLowerCase() : press.key;
}

/** The keys this press completes ("g i", "a"), begins ("g …" as pending), or null: not for us. */
export function read(
  press: Press,
  now: Situation,
  known: (keys: string) => boolean,
): { keys: string } | { pending: string } | null {
  if (press.ctrlKey || press.metaKey) {
    const keys = `Mod+${press.shiftKey ? "Shift+" : ""}${press.key.toLowerCase()}`;
    const own = press.key.toLowerCase() === "z" && now.writing;
    if (press.altKey || own) return null;
    return keys === "Mod+k" || known(keys) ? { keys } : null;
  }
  const name = nameOf(press);
  if (now.pending !== null)
    return known(`${now.pending} ${name}`) ? { keys: `${now.pending} ${name}` } : null;
  if (!press.altKey) {
    if (now.writing) return null;
    if (name === "Enter" && now.onControl) return null;
    if (name.length === 1 && name !== "?" && !now.singleKeys) return null;
    if (name.startsWith("Arrow")) return null;
  }
  if (known(name)) return { keys: name };
  return known(`${name} *`) ? { pending: name } : null;
}

const find = (keys: string): Command | undefined =>
  offered().find((command) =>
    keys.endsWith(" *")
      ? command.keys?.startsWith(keys.slice(0, -1)) === true && command.keys.includes(" ")
      : command.keys === keys,
  );

const WRITING =
  "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";

/** Listens until the returned function is called. A dialog keeps its keys to itself. */
export function listen(): () => void {
  let pending: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (next: string | null) => {
    clearTimeout(timer);
    pending = next;
    if (next !== null) timer = setTimeout(() => (pending = null), 1500);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ["Alt", "Shift"].includes(event.key)) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("[role=dialog], [role=alertdialog], [role=listbox], [role=menu]")) return;
    const found = read(
      event,
      {
        writing: target.matches(WRITING),
        onControl: target.matches(
          "button:focus-visible, a:focus-visible, [role=option]:focus-visible",
        ),
        singleKeys: settings().singleKeys,
        pending,
      },
      (keys) => find(keys) !== undefined,
    );
    wait(found !== null && "pending" in found ? found.pending : null);
    if (found === null) return;
    event.preventDefault();
    if ("keys" in found) find(found.keys)?.run();
  };
  window.addEventListener("keydown", onKey);
  return () => {
    clearTimeout(timer);
    window.removeEventListener("keydown", onKey);
  };
}
