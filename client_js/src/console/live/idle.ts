/** Says when nobody touched this tab for a while, and when somebody is back (PR-1). A rep is idle
 * when all of their devices are; that is for the server to add up. */

/** What counts as somebody being there. */
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] as const;
/** Signs are looked at so often, ms: a moved mouse makes hundreds a second. */
const LOOK = 1000;

export interface IdleSeams {
  target: Pick<Window, "addEventListener" | "removeEventListener">;
  now: () => number;
  setTimer: (run: () => void, after: number) => unknown;
  clearTimer: (timer: unknown) => void;
}

const outside = (): IdleSeams => ({
  target: window,
  now: () => Date.now(),
  setTimer: (run, after) => setTimeout(run, after),
  clearTimer: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
});

export class IdleWatch {
  readonly #tell: (idle: boolean) => void;
  readonly #seams: IdleSeams;
  #after = 0;
  #last: number;
  #idle = false;
  #timer: unknown;

  /** `tell` hears each change, and hears it again after `again`. */
  constructor(tell: (idle: boolean) => void, seams: IdleSeams = outside()) {
    this.#tell = tell;
    this.#seams = seams;
    this.#last = seams.now();
    for (const sign of SIGNS) {
      seams.target.addEventListener(sign, this.#touched, { passive: true, capture: true });
    }
  }

  /** The server's setting, in minutes; 0: nobody is ever idle. */
  set(minutes: number): void {
    this.#after = minutes * 60_000;
    if (this.#after === 0 && this.#idle) this.#change(false);
    this.#wait();
  }

  /** A new connection knows nothing: an idle tab says so again. */
  again(): void {
    if (this.#idle) this.#tell(true);
  }

  stop(): void {
    for (const sign of SIGNS) {
      this.#seams.target.removeEventListener(sign, this.#touched, { capture: true });
    }
    this.#seams.clearTimer(this.#timer);
  }

  readonly #touched = (): void => {
    const now = this.#seams.now();
    if (!this.#idle && now - this.#last < LOOK) return;
    this.#last = now;
    if (this.#idle) this.#change(false);
  };

  /** Waits until the tab could be idle; a touch meanwhile only makes it look again later. */
  #wait(): void {
    this.#seams.clearTimer(this.#timer);
    if (this.#after === 0 || this.#idle) return;
    const left = this.#last + this.#after - this.#seams.now();
    if (left <= 0) this.#change(true);
    else this.#timer = this.#seams.setTimer(() => this.#wait(), left);
  }

  #change(idle: boolean): void {
    this.#idle = idle;
    this.#tell(idle);
    this.#wait();
  }
}
