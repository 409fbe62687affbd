/** What a visitor's client holds, says and needs. */
import type {
  Codec,
  Conversation,
  Desk,
  LogEntry,
  Message,
  Page,
  Participant,
  VisitorWelcome,
} from "../protocol/index.ts";
import type { Refused } from "./errors.ts";
import type { Pending } from "./outbox.ts";
import type { Seams } from "./seams.ts";
import type { Connection } from "./socket.ts";

/** Where the visitor's token and unsent words live between pages; every call may fail silently. */
export interface VisitorMemory {
  readToken(): string;
  writeToken(token: string): void;
  readUnsent?(): Unsent;
  writeUnsent?(unsent: Unsent): void;
  /** The conversation that was shown last, so that one that is over is shown again; "" is none. */
  readConversation?(): string;
  writeConversation?(id: string): void;
  /** Resolves when no other tab is just getting the first token; `release` lets the next one go. */
  first?(): Promise<{ release(): void }>;
}

/** A request whose answer hasn't come, and messages that are not acknowledged. */
export interface Unsent {
  asking?: Asking;
  messages: readonly Pending[];
}

export interface Asking {
  text: string;
  client_id: string;
}

export interface VisitorState {
  readonly connection: Connection;
  /** Undefined until the first welcome. */
  readonly desk: Desk | undefined;
  readonly visitor: string | undefined;
  readonly session: string | undefined;
  /** The open conversation, or the last one that was shown. */
  readonly conversation: Conversation | undefined;
  /** A person was asked for, the server hasn't answered yet. */
  readonly asking: Asking | undefined;
  /** Written and not in the log yet, in order. */
  readonly pending: readonly Pending[];
  /** The rep is writing. */
  readonly typing: boolean;
  /** Entries are missing and are being fetched, here or in the server (CH-6). */
  readonly behind: boolean;
  /** Server time minus our clock, in ms: count down with it. */
  readonly skew: number;
}

export interface VisitorEvents {
  welcome: VisitorWelcome;
  /** Each entry that is new to this client, the visitor's own included. */
  entry: LogEntry;
  /** The part of `entry` that a rep wrote. */
  message: Message;
  participant: Participant;
  /** A request or a leave that the server refused for good. */
  refused: Refused;
}

export interface VisitorOptions {
  /** `wss://desk.example/v1/visitor`. */
  url: string;
  page?: Page;
  locale?: string;
  timezone?: string;
  memory?: VisitorMemory;
  codec?: Codec;
  seams?: Seams;
}

export const EMPTY: VisitorState = {
  connection: { state: "idle" },
  desk: undefined,
  visitor: undefined,
  session: undefined,
  conversation: undefined,
  asking: undefined,
  pending: [],
  typing: false,
  behind: false,
  skew: 0,
};

/** A memory that lasts as long as the object. */
export class Remembered implements VisitorMemory {
  #token = "";

  readToken(): string {
    return this.#token;
  }

  writeToken(token: string): void {
    this.#token = token;
  }
}
