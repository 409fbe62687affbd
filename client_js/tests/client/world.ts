/** A scripted server and a clock that moves when told: for the clients' state machines only. */
import type { Seams, WebSocketLike } from "../../src/client/index.ts";
import type { Conversation, LogEntry, Message } from "../../src/protocol/index.ts";

type Sent = Record<string, unknown> & { type: string; id?: number };

export class FakeSocket implements WebSocketLike {
  binaryType = "";
  protocol = "frontdesk.v1.json";
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly frames: Sent[][] = [];
  isClosed = false;

  send(data: string | Uint8Array): void {
    const frame = JSON.parse(data as string) as Sent | Sent[];
    this.frames.push(Array.isArray(frame) ? frame : [frame]);
  }

  close(): void {
    this.isClosed = true;
  }

  get sent(): Sent[] {
    return this.frames.flat();
  }

  /** The newest message of a type that the client sent here. */
  last(type: string): Sent {
    const found = this.sent.findLast((each) => each.type === type);
    if (found === undefined) throw new Error(`no ${type} was sent`);
    return found;
  }

  all(type: string): Sent[] {
    return this.sent.filter((each) => each.type === type);
  }

  async open(): Promise<void> {
    this.onopen?.(undefined as never);
    await settled();
  }

  /** The server sends one frame. */
  async push(...messages: object[]): Promise<void> {
    this.onmessage?.({ data: JSON.stringify(messages.length === 1 ? messages[0] : messages) });
    await settled();
  }

  /** The server answers the newest request of a type. */
  async answer(type: string, fields: object = {}): Promise<void> {
    await this.push({ type: "ok", ...fields, id: this.last(type).id });
  }

  async refuse(type: string, code: string, fields: object = {}): Promise<void> {
    const id = this.last(type).id;
    await this.push({ type: "error", code, message: code, ...fields, id });
  }

  async lose(code = 1006): Promise<void> {
    this.onclose?.({ code, reason: "" });
    await settled();
  }
}

interface Alarm {
  at: number;
  call: () => void;
}

export class World {
  readonly sockets: FakeSocket[] = [];
  clock = 1_000_000;
  #alarms: Alarm[] = [];
  #seed = 1;

  readonly seams: Seams = {
    connect: () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    now: () => this.clock,
    later: (call, ms) => {
      const alarm = { at: this.clock + ms, call };
      this.#alarms.push(alarm);
      return { cancel: () => (this.#alarms = this.#alarms.filter((each) => each !== alarm)) };
    },
    random: () => (this.#seed = (this.#seed * 16807) % 2147483647) / 2147483647,
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nothing was connected");
    return socket;
  }

  /** Lets time pass, and what was due in it happen in order. */
  async pass(ms: number): Promise<void> {
    const end = this.clock + ms;
    for (;;) {
      const next = this.#alarms.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((each) => each !== next);
      this.clock = next.at;
      next.call();
      await settled();
    }
    this.clock = end;
  }
}

/** All promises that can be settled now are. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

export const AT = "2026-05-04T10:00:00.000Z";

export function said(offset: number, text: string, fields: Partial<Message> = {}): Message {
  return {
    type: "message",
    conversation: "c1",
    epoch: "e1",
    offset,
    at: AT,
    from: "rep",
    text,
    ...fields,
  };
}

export function conversation(
  entries: LogEntry[],
  fields: Partial<Conversation> = {},
): Conversation {
  const offset = entries.at(-1)?.offset ?? 0;
  const epoch = entries.at(-1)?.epoch ?? "e1";
  return {
    type: "conversation",
    id: "c1",
    state: "active",
    at: AT,
    epoch,
    offset,
    entries,
    ...fields,
  };
}
