/** One WebSocket from opening to its end: frames to messages, answers to their requests. */
import { BadFrame, type Codec, type Data, type Error as ErrorMessage } from "../protocol/index.ts";
import { Disconnected, Refused } from "./errors.ts";
import type { Seams, WebSocketLike } from "./seams.ts";

export interface Incoming {
  type: string;
  id?: number;
}

export interface WireEvents {
  opened(): void;
  message(message: Incoming): void;
  closed(code: number, reason: string): void;
}

interface Waiting {
  apply: ((answer: Incoming) => void) | undefined;
  resolve: (answer: Incoming) => void;
  reject: (error: Error) => void;
  asked: number;
}

/** What several small messages of one turn may add up to in one frame; the server takes 16 kB. */
const FRAME_CHARACTERS = 4_000;
const ABNORMAL = 1006;

export class Wire {
  /** When something came last, and when the oldest request without an answer was asked (ms). */
  heard: number;
  #nextId = 1;
  #queue: object[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #socket: WebSocketLike;
  readonly #codec: Codec;
  readonly #seams: Seams;
  readonly #events: WireEvents;

  constructor(url: string, codec: Codec, seams: Seams, events: WireEvents) {
    this.#codec = codec;
    this.#seams = seams;
    this.#events = events;
    this.heard = seams.now();
    this.#socket = seams.connect(url, [codec.subprotocol]);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = ({ data }) => this.#received(data as Data);
    this.#socket.onclose = ({ code, reason }) => this.#ended(code, reason);
  }

  get oldestAsked(): number {
    let oldest = Infinity;
    for (const { asked } of this.#waiting.values()) oldest = Math.min(oldest, asked);
    return oldest;
  }

  /** Sends with the other messages of this turn, in one frame. */
  tell(message: object): void {
    if (this.#queue.push(message) === 1) queueMicrotask(() => this.#flush());
  }

  /**
   * Rejects with `Refused` or `Disconnected`. `apply` gets the answer at once, before the pushes
   * behind it in the same frame, which may build upon it; the promise is too late for that.
   */
  ask(body: { type: string }, apply?: (answer: Incoming) => void): Promise<Incoming> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { apply, resolve, reject, asked: this.#seams.now() });
      this.tell({ ...body, id });
    });
  }

  /** Ends it now: what still comes from it is ignored, what waits is rejected. */
  end(code: number = ABNORMAL, reason = ""): void {
    this.#detach();
    this.#socket.close();
    this.#fail();
    this.#events.closed(code, reason);
  }

  /** Ends it without telling anybody: another takes its place. */
  discard(): void {
    this.#detach();
    this.#socket.close();
    this.#fail();
  }

  #detach(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#queue = [];
  }

  #flush(): void {
    const frame: object[] = [];
    let characters = 0;
    for (const message of this.#queue.splice(0)) {
      const more = JSON.stringify(message).length;
      if (frame.length > 0 && characters + more > FRAME_CHARACTERS) {
        this.#socket.send(this.#codec.encode(frame.splice(0)));
        characters = 0;
      }
      frame.push(message);
      characters += more;
    }
    if (frame.length > 0) this.#socket.send(this.#codec.encode(frame));
  }

  #received(data: Data): void {
    this.heard = this.#seams.now();
    for (const message of this.#decoded(data)) this.#dispatch(message);
  }

  /** A server never sends a bad frame; something between may. It is as good as a lost connection. */
  #decoded(data: Data): Incoming[] {
    try {
      return this.#codec.decode(data);
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      this.end();
      return [];
    }
  }

  #dispatch(message: Incoming): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (waiting === undefined || message.id === undefined) {
      this.#events.message(message);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.type === "error") {
      waiting.reject(new Refused(message as ErrorMessage));
      return;
    }
    waiting.apply?.(message);
    waiting.resolve(message);
  }

  #ended(code: number, reason: string): void {
    this.#detach();
    this.#fail();
    this.#events.closed(code, reason);
  }

  #fail(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Disconnected());
  }
}
