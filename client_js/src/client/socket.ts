/**
 * One connection that lasts: it is opened again, with jitter, whenever it is lost.
 *
 * It notices a server that went silent by a `ping` of its own, heeds `reconnect` of a server that
 * stops, and stays away after a close code that says so.
 */
import {
  type Codec,
  type Ok,
  type Reconnect,
  type RepMessage,
  type VisitorMessage,
  CloseCode,
  json,
  mayReconnect,
} from "../protocol/index.ts";
import { backoff } from "./backoff.ts";
import { Disconnected, Refused } from "./errors.ts";
import { type Seams, type Timer, outside } from "./seams.ts";
import { type Incoming, Wire } from "./wire.ts";

export type Connection =
  | { readonly state: "idle" }
  /** On the way: the socket opens, or `hello` waits for its `welcome`. */
  | { readonly state: "connecting"; readonly attempt: number }
  | { readonly state: "online" }
  /** Lost; tried again at `retryAt` (ms since 1970). */
  | { readonly state: "waiting"; readonly attempt: number; readonly retryAt: number }
  /** Not tried again: by `stop()` (code 0), or because the server said so (4500–4999). */
  | { readonly state: "stopped"; readonly code: number; readonly reason: string };

type WithoutId<Each> = Each extends unknown ? Omit<Each, "id"> : never;

/** What a client may say; the socket adds the `id` where an answer is wanted. */
export type Said = WithoutId<VisitorMessage | RepMessage>;

export interface SocketOptions {
  /** `wss://…/v1/visitor` or `…/v1/rep`. */
  url: string;
  codec?: Codec;
  seams?: Seams;
  /** The first message of each connection, without its id. */
  hello(): { type: "hello" };
  onWelcome(welcome: Incoming): void;
  onMessage(message: Incoming): void;
  onConnection(connection: Connection): void;
}

const TICK_MS = 5_000;
/** Silence after which the server is asked whether it is still there. */
const QUIET_MS = 20_000;
/** How long an answer may take, also the opening and the welcome. */
const ANSWER_MS = 10_000;
/** A connection that lived this long was a good one: the next loss is a first loss again. */
const STEADY_MS = 10_000;
/** We always say hello: that it was expected means that a sleeping page said it too late. */
const LATE = CloseCode.HELLO_EXPECTED;
/** At a check (network changed, page shown again) the answer must come sooner. */
const CHECK_MS = 3_000;

export class Socket {
  readonly #options: SocketOptions;
  readonly #codec: Codec;
  readonly #seams: Seams;
  #connection: Connection = { state: "idle" };
  #wire: Wire | undefined;
  #attempt = 0;
  #welcomedAt = Infinity;
  #pinged = false;
  #plannedAt = 0;
  #timer: Timer | undefined;
  #retry: Timer | undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#codec = options.codec ?? json;
    this.#seams = options.seams ?? outside;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Connects, unless that is being done already; also after a stop. */
  start(): void {
    if (this.#connection.state === "idle" || this.#connection.state === "stopped") this.#open();
  }

  stop(): void {
    this.#wire?.discard();
    this.#stopped(0, "");
  }

  /** Asks at once whether the server is there; a planned try is made now. */
  check(): void {
    const { state } = this.#connection;
    if (state === "waiting") this.#open();
    else if (state === "online" && !this.#pinged) this.#ping(CHECK_MS);
  }

  /** Rejects with `Refused`, or with `Disconnected` when the outcome is unknown. See `Wire.ask`. */
  ask(body: Said, apply?: (answer: Ok) => void): Promise<Ok> {
    if (this.#wire === undefined || this.#connection.state !== "online") {
      return Promise.reject(new Disconnected());
    }
    const asked = this.#wire.ask(body, apply as ((answer: Incoming) => void) | undefined);
    return asked as Promise<unknown> as Promise<Ok>;
  }

  /** Says something that needs no answer; false when nobody could hear it. */
  tell(body: Said): boolean {
    if (this.#connection.state !== "online") return false;
    this.#wire?.tell(body);
    return true;
  }

  #open(): void {
    this.#retry?.cancel();
    this.#timer?.cancel();
    this.#plannedAt = 0;
    this.#attempt += 1;
    this.#welcomedAt = Infinity;
    this.#pinged = false;
    this.#set({ state: "connecting", attempt: this.#attempt });
    this.#timer = this.#seams.later(() => this.#wire?.end(), ANSWER_MS);
    try {
      this.#wire = this.#newWire();
    } catch {
      // The page's own policy may forbid the connection; it is a lost one, not an error of the page.
      this.#closed(1006, "");
    }
  }

  #newWire(): Wire {
    return new Wire(this.#options.url, this.#codec, this.#seams, {
      opened: () => this.#opened(),
      message: (message) => this.#received(message),
      closed: (code, reason) => this.#closed(code, reason),
    });
  }

  #opened(): void {
    const wire = this.#wire;
    const welcomed = (welcome: Incoming) => this.#welcomed(welcome);
    wire?.ask(this.#options.hello(), welcomed).catch((error: unknown) => {
      // After a refused hello comes the close that says why; a server in trouble may forget it.
      if (error instanceof Refused) this.#seams.later(() => this.#abandon(wire), TICK_MS / 5);
    });
  }

  #abandon(wire: Wire): void {
    if (wire === this.#wire) wire.end();
  }

  #welcomed(welcome: Incoming): void {
    this.#timer?.cancel();
    this.#welcomedAt = this.#seams.now();
    this.#timer = this.#seams.later(() => this.#tick(), TICK_MS);
    this.#connection = { state: "online" };
    this.#options.onWelcome(welcome);
    this.#options.onConnection(this.#connection);
  }

  #received(message: Incoming): void {
    if (message.type === "reconnect") this.#move((message as unknown as Reconnect).after_ms);
    else this.#options.onMessage(message);
  }

  /** The server stops soon: until then it still serves; then another one takes over. */
  #move(afterMs: number): void {
    this.#plannedAt = this.#seams.now() + afterMs;
    this.#attempt = 0;
    this.#retry?.cancel();
    this.#retry = this.#seams.later(() => {
      this.#wire?.discard();
      this.#open();
    }, afterMs);
  }

  #tick(): void {
    const now = this.#seams.now();
    this.#timer = this.#seams.later(() => this.#tick(), TICK_MS);
    if (now - this.#welcomedAt > STEADY_MS) this.#attempt = 0;
    const wire = this.#wire;
    if (wire === undefined) return;
    if (now - wire.oldestAsked > ANSWER_MS && now - wire.heard > TICK_MS) wire.end();
    else if (now - wire.heard > QUIET_MS && !this.#pinged) this.#ping(ANSWER_MS);
  }

  /** Only an answer in time shows that the server lives: browsers hide WebSocket pings. */
  #ping(withinMs: number): void {
    const wire = this.#wire;
    this.#pinged = true;
    if (wire === undefined) return;
    const deadline = this.#seams.later(() => this.#abandon(wire), withinMs);
    const answered = () => {
      deadline.cancel();
      this.#pinged = false;
    };
    wire.ask({ type: "ping" }).then(answered, answered);
  }

  #closed(code: number, reason: string): void {
    this.#timer?.cancel();
    this.#retry?.cancel();
    if (!mayReconnect(code) && code !== LATE) {
      this.#stopped(code, reason);
      return;
    }
    const now = this.#seams.now();
    if (now - this.#welcomedAt > STEADY_MS) this.#attempt = 0;
    const wait = Math.max(backoff(this.#attempt + 1, this.#seams.random), this.#plannedAt - now);
    this.#wire = undefined;
    this.#retry = this.#seams.later(() => this.#open(), wait);
    this.#set({ state: "waiting", attempt: this.#attempt, retryAt: now + wait });
  }

  #stopped(code: number, reason: string): void {
    this.#timer?.cancel();
    this.#retry?.cancel();
    this.#wire = undefined;
    this.#attempt = 0;
    this.#set({ state: "stopped", code, reason });
  }

  #set(connection: Connection): void {
    this.#connection = connection;
    this.#options.onConnection(connection);
  }
}
