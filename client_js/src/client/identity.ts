/** What the site says of its visitor, told until the server has it. */
import type { Fields } from "../protocol/index.ts";
import { Refused } from "./errors.ts";
import type { Said } from "./socket.ts";

export class Identity {
  readonly #ask: (body: Said) => Promise<unknown>;
  #fields: Fields = {};
  #jwt = "";

  constructor(ask: (body: Said) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** `jwt` is signed by the site's server; the newest counts. */
  add(fields: Fields, jwt = ""): void {
    this.#fields = { ...this.#fields, ...fields };
    this.#jwt = jwt || this.#jwt;
    this.flush();
  }

  flush(): void {
    const fields = this.#fields;
    const jwt = this.#jwt;
    if (Object.keys(fields).length === 0 && jwt === "") return;
    const done = () => {
      if (this.#fields === fields) this.#fields = {};
      if (this.#jwt === jwt) this.#jwt = "";
    };
    const body = { type: "identify" as const, fields, ...(jwt && { jwt }) };
    this.#ask(body).then(done, (error: unknown) => {
      // Lost, or "later": told again after the next welcome. Refused: it would be refused again,
      // but for what the page itself knows, where it was the token that isn't good.
      if (!(error instanceof Refused) || error.temporary) return;
      if (error.code === "bad_identity" && this.#jwt === jwt) {
        this.#jwt = "";
        this.flush();
      } else done();
    });
  }
}
