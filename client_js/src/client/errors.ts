/** How a request can fail. */
import type { Error as ErrorMessage } from "../protocol/index.ts";

/** The server said no. `code` is for programs, the message for people. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  /** Asking again later may work. */
  readonly temporary: boolean;
  /** The whole answer: `already_claimed` says `by` and `at`. */
  readonly answer: ErrorMessage;

  constructor(answer: ErrorMessage) {
    super(answer.message);
    this.code = answer.code;
    this.temporary = answer.retry ?? TEMPORARY.has(answer.code);
    this.answer = answer;
  }
}

const TEMPORARY = new Set(["retry", "overloaded", "rate_limited"]);

/** The connection ended before the answer came: whether it was done is not known. */
export class Disconnected extends Error {
  override readonly name = "Disconnected";

  constructor() {
    super("The connection ended before the answer came.");
  }
}
