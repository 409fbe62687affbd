/** Asking for a person: asked until there is an answer, through lost connections and "later". */
import type { Ok } from "../protocol/index.ts";
import { backoff } from "./backoff.ts";
import { Refused } from "./errors.ts";
import type { Seams } from "./seams.ts";
import type { Said } from "./socket.ts";
import type { Asking } from "./visitor_state.ts";

export interface RequestOptions {
  seams: Seams;
  /** What is being asked now; undefined when it isn't wanted any more. */
  wanted: () => Asking | undefined;
  ask: (body: Said, apply: (ok: Ok) => void) => Promise<unknown>;
  onAnswer: (asking: Asking, ok: Ok) => void;
  onRefused: (error: Refused) => void;
}

export class PersonRequest {
  readonly #options: RequestOptions;
  #inFlight = false;
  #attempts = 0;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  /** Asks, if something is wanted and isn't on its way. A lost connection asks by its next welcome. */
  flush(): void {
    const asking = this.#options.wanted();
    if (asking === undefined || this.#inFlight) return;
    this.#inFlight = true;
    const apply = (ok: Ok) => {
      this.#attempts = 0;
      this.#options.onAnswer(asking, ok);
    };
    this.#options
      .ask({ type: "request", ...asking }, apply)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => (this.#inFlight = false));
  }

  #failed(error: unknown): void {
    if (!(error instanceof Refused)) return;
    if (!error.temporary) this.#options.onRefused(error);
    else {
      const wait = backoff(++this.#attempts, this.#options.seams.random);
      this.#options.seams.later(() => this.flush(), wait);
    }
  }
}
