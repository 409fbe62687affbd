/** What the site says of its visitor, told until the server has it. */
import type { Fields } from "../protocol/index.ts";
import { Refused } from "./errors.ts";
import type { Said } from "./socket.ts";

export class Identity {
  readonly #ask: (body: Said) => Promise<unknown>;
  #fields: Fields = {};

  constructor(ask: (body: Said) => Promise<unknown>) {
    this.#ask = ask;
  }

  add(fields: Fields): void {
    this.#fields = { ...this.#fields, ...fields };
    this.flush();
  }

  flush(): void {
    const fields = this.#fields;
    if (Object.keys(fields).length === 0) return;
    const done = () => {
      if (this.#fields === fields) this.#fields = {};
    };
    this.#ask({ type: "identify", fields }).then(done, (error: unknown) => {
      // Lost, or "later": told again after the next welcome. Refused: it would be refused again.
      if (error instanceof Refused && !error.temporary) done();
    });
  }
}
