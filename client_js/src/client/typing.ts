/** Typing, in both directions: said sparingly, believed for a while. */
import type { Seams, Timer } from "./seams.ts";

/** While somebody writes it is said again this often … */
const AGAIN_MS = 3_000;
/** … and it is over when nothing came for that long. */
const OVER_MS = 6_000;

/** Says `on` at most every three seconds, and `off` once when the writing stops. */
export class TypingOut {
  readonly #seams: Seams;
  readonly #say: (on: boolean) => void;
  #saidAt = -Infinity;
  #over: Timer | undefined;

  constructor(seams: Seams, say: (on: boolean) => void) {
    this.#seams = seams;
    this.#say = say;
  }

  /** To be called at each change of the text; `false` when it was emptied. */
  changed(writing: boolean): void {
    if (!writing) {
      if (this.#saidAt !== -Infinity) this.#say(false);
      this.sent();
      return;
    }
    this.#over?.cancel();
    this.#over = this.#seams.later(() => this.changed(false), OVER_MS);
    const now = this.#seams.now();
    if (now - this.#saidAt < AGAIN_MS) return;
    this.#saidAt = now;
    this.#say(true);
  }

  /** A message ends the writing by itself. */
  sent(): void {
    this.#over?.cancel();
    this.#saidAt = -Infinity;
  }
}

/** Holds who is writing; forgets by itself, for an `off` may be lost. */
export class TypingIn {
  readonly #seams: Seams;
  readonly #changed: (typing: Readonly<Record<string, boolean>>) => void;
  readonly #timers = new Map<string, Timer>();

  constructor(seams: Seams, changed: (typing: Readonly<Record<string, boolean>>) => void) {
    this.#seams = seams;
    this.#changed = changed;
  }

  heard(conversation: string, on: boolean): void {
    const known = this.#timers.get(conversation);
    known?.cancel();
    this.#timers.delete(conversation);
    if (on) this.#timers.set(conversation, this.#timer(conversation));
    if (on !== (known !== undefined)) this.#tell();
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#tell();
  }

  #timer(conversation: string): Timer {
    return this.#seams.later(() => this.heard(conversation, false), OVER_MS + AGAIN_MS);
  }

  #tell(): void {
    this.#changed(Object.fromEntries([...this.#timers.keys()].map((id) => [id, true])));
  }
}
