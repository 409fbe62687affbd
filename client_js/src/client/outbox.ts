/**
 * What was written and isn't known to be in the log yet (R1.5).
 *
 * Each message goes out with the same `client_id` until it is acknowledged, one at a time per
 * conversation, so that a retry never changes their order. Acknowledged ones are kept 60 s longer:
 * when a snapshot of a server that lost something doesn't hold one of them, it goes out again.
 */
import type { Conversation, LogEntry, Ok } from "../protocol/index.ts";
import { backoff } from "./backoff.ts";
import { Disconnected, Refused } from "./errors.ts";
import type { Seams, Timer } from "./seams.ts";

export interface Pending {
  readonly client_id: string;
  readonly conversation: string;
  readonly text: string;
  /** When it was written, ms since 1970. */
  readonly at: number;
  readonly state: "sending" | "acknowledged" | "failed";
  /** Why it failed: a code of the server. */
  readonly code?: string;
}

export interface OutboxOptions {
  seams: Seams;
  send(message: Pending, acknowledged: (ok: Ok) => void): Promise<unknown>;
  /** The acknowledged message is an entry of the log now. */
  onAcknowledged(message: Pending, ok: Ok): void;
  onChange(): void;
}

const KEPT_MS = 60_000;

export class Outbox {
  readonly #options: OutboxOptions;
  #messages: readonly Pending[] = [];
  #acknowledgedAt = new Map<string, number>();
  #inFlight = new Set<string>();
  #attempts = 0;
  #again: Timer | undefined;

  constructor(options: OutboxOptions, kept: readonly Pending[] = []) {
    this.#options = options;
    this.#messages = kept.filter((each) => each.state !== "acknowledged");
  }

  /** In the order of writing, those that the log doesn't show yet. */
  get waiting(): readonly Pending[] {
    return this.#messages.filter((each) => each.state !== "acknowledged");
  }

  add(message: { client_id: string; conversation: string; text: string }): void {
    const at = this.#options.seams.now();
    this.#change([...this.#messages, { ...message, at, state: "sending" }]);
    this.flush();
  }

  /** Tries a failed one again, behind what is waiting. */
  retry(clientId: string): void {
    const failed = this.#messages.find((each) => each.client_id === clientId);
    if (failed?.state !== "failed") return;
    const { code: _, ...rest } = failed;
    this.#change([...this.#without(clientId), { ...rest, state: "sending" }]);
    this.flush();
  }

  discard(clientId: string): void {
    this.#change(this.#without(clientId));
  }

  /** Sends the next message of each conversation that has none in flight. */
  flush(): void {
    this.#forget();
    const first = new Map<string, Pending>();
    for (const each of this.#messages) {
      if (each.state === "sending" && !first.has(each.conversation)) {
        first.set(each.conversation, each);
      }
    }
    for (const each of first.values()) if (!this.#inFlight.has(each.client_id)) this.#send(each);
  }

  /** An entry of the log came from the server: its message needs no acknowledgement any more. */
  seen(entry: LogEntry): void {
    if (entry.type === "message" && entry.client_id !== undefined) this.#mark(entry.client_id);
  }

  /** A fresh snapshot: what it holds is done; what it should hold and doesn't goes out again. */
  reconcile(conversation: Conversation): void {
    for (const entry of conversation.entries) this.seen(entry);
    const held = new Set(
      conversation.entries.map((e) => (e.type === "message" ? e.client_id : "")),
    );
    const lost = (each: Pending) =>
      each.state === "acknowledged" &&
      each.conversation === conversation.id &&
      !held.has(each.client_id);
    this.#forget();
    this.#change(this.#messages.map((each) => (lost(each) ? { ...each, state: "sending" } : each)));
  }

  stop(): void {
    this.#again?.cancel();
  }

  #send(message: Pending): void {
    this.#inFlight.add(message.client_id);
    const acknowledged = (ok: Ok) => {
      this.#attempts = 0;
      this.#mark(message.client_id);
      this.#options.onAcknowledged(message, ok);
    };
    const done = () => this.#inFlight.delete(message.client_id);
    this.#options.send(message, acknowledged).then(
      () => {
        done();
        this.flush();
      },
      (error: unknown) => {
        done();
        this.#failed(message, error);
      },
    );
  }

  #failed(message: Pending, error: unknown): void {
    // Who is welcomed again flushes; until then there is nobody to send to.
    if (error instanceof Disconnected) return;
    if (error instanceof Refused && error.temporary) {
      this.#again?.cancel();
      const wait = backoff(++this.#attempts, this.#options.seams.random);
      this.#again = this.#options.seams.later(() => this.flush(), wait);
      return;
    }
    const code = error instanceof Refused ? error.code : "internal";
    this.#replace(message.client_id, { ...message, state: "failed", code });
    this.flush();
  }

  #mark(clientId: string): void {
    const message = this.#messages.find((each) => each.client_id === clientId);
    if (message === undefined || message.state === "acknowledged") return;
    this.#acknowledgedAt.set(clientId, this.#options.seams.now());
    this.#replace(clientId, { ...message, state: "acknowledged" });
  }

  #forget(): void {
    const before = this.#options.seams.now() - KEPT_MS;
    const old = [...this.#acknowledgedAt].filter(([, at]) => at < before).map(([id]) => id);
    for (const id of old) this.#acknowledgedAt.delete(id);
    if (old.length > 0) this.#change(this.#messages.filter((e) => !old.includes(e.client_id)));
  }

  #without(clientId: string): Pending[] {
    return this.#messages.filter((each) => each.client_id !== clientId);
  }

  #replace(clientId: string, message: Pending): void {
    this.#change(this.#messages.map((each) => (each.client_id === clientId ? message : each)));
  }

  #change(messages: readonly Pending[]): void {
    this.#messages = messages;
    this.#options.onChange();
  }
}
