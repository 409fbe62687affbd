/** Everything that the clients take from the outside, so that a test can put its own in place. */

/** The part of a browser's WebSocket that is used. */
export interface WebSocketLike {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export interface Seams {
  connect: (url: string, subprotocols: string[]) => WebSocketLike;
  /** Milliseconds since 1970. */
  now: () => number;
  later: (call: () => void, ms: number) => Timer;
  /** 0 ≤ x < 1. */
  random: () => number;
}

export interface Timer {
  cancel(): void;
}

export const outside: Seams = {
  connect: (url, subprotocols) => new WebSocket(url, subprotocols) as unknown as WebSocketLike,
  now: () => Date.now(),
  later: (call, ms) => {
    const handle = setTimeout(call, ms);
    return { cancel: () => clearTimeout(handle) };
  },
  random: () => Math.random(),
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A name that no other client thinks of: 20 of 62 letters are 119 bits. */
export function newClientId(random: () => number): string {
  const letter = () => LETTERS.charAt(Math.floor(random() * LETTERS.length));
  return Array.from({ length: 20 }, letter).join("");
}
