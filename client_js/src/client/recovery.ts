/** Fills a gap in a conversation's log: pushes are held back until its history has come (CH-3). */
import { type Conversation, type Gap, type LogEntry, type Ok } from "../protocol/index.ts";
import { backoff } from "./backoff.ts";
import { Refused } from "./errors.ts";
import type { Seams } from "./seams.ts";

export interface RecoveryOptions<Push> {
  seams: Seams;
  ask(
    body: { type: "history"; conversation: string; epoch: string; offset: number },
    apply: (ok: Ok) => void,
  ): Promise<unknown>;
  /** What was missed, exactly; then the pushes that were held back. */
  onEntries(conversation: string, entries: readonly LogEntry[]): void;
  /** The position was not valid any more: start over from this. */
  onSnapshot(conversation: Conversation): void;
  onPush(push: Push): void;
  onChange(): void;
}

export class Recovery<Push> {
  readonly #options: RecoveryOptions<Push>;
  readonly #held = new Map<string, Push[]>();
  #attempts = 0;

  constructor(options: RecoveryOptions<Push>) {
    this.#options = options;
  }

  has(conversation: string): boolean {
    return this.#held.has(conversation);
  }

  /** True if the push has to wait, and was kept. */
  hold(conversation: string, push: Push): boolean {
    return this.#held.get(conversation)?.push(push) !== undefined;
  }

  start(gap: Gap, push?: Push): void {
    if (this.#held.has(gap.conversation)) return;
    this.#held.set(gap.conversation, push === undefined ? [] : [push]);
    this.#options.onChange();
    this.#ask(gap);
  }

  /** A new connection brings everything itself. */
  clear(): void {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#options.onChange();
  }

  #ask(gap: Gap): void {
    const body = { type: "history" as const, conversation: gap.conversation, ...gap.known };
    const asked = this.#options.ask(body, (ok) => this.#answered(gap.conversation, ok));
    asked.catch((error: unknown) => this.#failed(gap, error));
  }

  #answered(conversation: string, ok: Ok): void {
    this.#attempts = 0;
    const held = this.#held.get(conversation) ?? [];
    this.#held.delete(conversation);
    if (typeof ok.conversation === "object") this.#options.onSnapshot(ok.conversation);
    else this.#options.onEntries(conversation, ok.entries ?? []);
    for (const push of held) this.#options.onPush(push);
    this.#options.onChange();
  }

  #failed(gap: Gap, error: unknown): void {
    if (error instanceof Refused && error.temporary) {
      const wait = backoff(++this.#attempts, this.#options.seams.random);
      this.#options.seams.later(() => {
        if (this.#held.has(gap.conversation)) this.#ask(gap);
      }, wait);
      return;
    }
    this.#held.delete(gap.conversation);
    this.#options.onChange();
  }
}
