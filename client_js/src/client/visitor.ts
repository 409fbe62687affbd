/** A visitor's side of the protocol: one conversation at a time, kept whole over reconnects. */
import {
  type Conversation,
  type Fields,
  type LogEntry,
  type Ok,
  type Page,
  type Resume,
  type VisitorServerMessage,
  type VisitorWelcome,
  CloseCode,
  isEntry,
  isGap,
  resumed,
  resumeFrom,
  sent,
  toConversation,
  withEntries,
} from "../protocol/index.ts";
import { PersonRequest } from "./asking.ts";
import { Emitter, Store } from "./emitter.ts";
import { Identity } from "./identity.ts";
import { Outbox, type Pending } from "./outbox.ts";
import { Recovery } from "./recovery.ts";
import { type Seams, newClientId, outside } from "./seams.ts";
import { type Connection, Socket } from "./socket.ts";
import { TypingIn, TypingOut } from "./typing.ts";
import {
  type Asking,
  type VisitorEvents,
  type VisitorMemory,
  type VisitorOptions,
  type VisitorState,
  EMPTY,
  Remembered,
} from "./visitor_state.ts";

export class VisitorClient extends Emitter<VisitorEvents> {
  readonly store: Store<VisitorState>;
  readonly #options: VisitorOptions;
  readonly #seams: Seams;
  readonly #memory: VisitorMemory;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #request: PersonRequest;
  readonly #recovery: Recovery<LogEntry>;
  readonly #identity = new Identity((body) => this.#socket.ask(body));
  readonly #typingOut: TypingOut;
  readonly #typingIn: TypingIn;
  #page: Page | undefined;
  #readSaid = 0;
  #serverBehind = false;
  #tokenRefused = false;
  #release: (() => void) | undefined;

  constructor(options: VisitorOptions) {
    super();
    this.#options = options;
    this.#seams = options.seams ?? outside;
    this.#memory = options.memory ?? new Remembered();
    this.#page = options.page;
    const unsent = this.#memory.readUnsent?.() ?? { messages: [] };
    this.store = new Store({ ...EMPTY, asking: unsent.asking });
    this.#socket = this.#makeSocket();
    this.#request = this.#makeRequest();
    this.#recovery = this.#makeRecovery();
    this.#outbox = this.#makeOutbox(unsent.messages);
    this.store.set({ pending: this.#outbox.waiting });
    this.#typingOut = new TypingOut(this.#seams, (on) => this.#sayTyping(on));
    this.#typingIn = new TypingIn(this.#seams, (typing) =>
      this.store.set({ typing: Object.keys(typing).length > 0 }),
    );
  }

  get state(): VisitorState {
    return this.store.state;
  }

  /** Connects. The very first visit waits for its turn, so that two tabs don't become two visitors. */
  async start(): Promise<void> {
    if (this.#memory.readToken() === "" && this.#memory.first !== undefined) {
      const turn = await this.#memory.first();
      this.#release = () => turn.release();
      if (this.#memory.readToken() !== "") this.#release();
    }
    this.#socket.start();
  }

  stop(): void {
    this.#outbox.stop();
    this.#release?.();
    this.#socket.stop();
  }

  /** To be called when the network changed or the page is shown again. */
  check(): void {
    this.#socket.check();
  }

  /** Asks for a person, perhaps with the first words. It is asked until there is an answer. */
  request(text = ""): void {
    if (this.state.asking !== undefined) return;
    this.#typingOut.sent();
    this.#setAsking({ text, client_id: newClientId(this.#seams.random) });
    this.#request.flush();
  }

  /** Says something in the open conversation; it is kept and sent again until it is acknowledged. */
  send(text: string): void {
    const conversation = this.state.conversation?.id;
    if (conversation === undefined) throw new Error("There is no conversation to write to.");
    this.#typingOut.sent();
    this.#outbox.add({ client_id: newClientId(this.#seams.random), conversation, text });
  }

  /** Sends a message again that had failed. */
  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /** To be called at each change of the draft; `false` when it is empty again. */
  typing(writing: boolean): void {
    if (this.state.conversation?.state === "active") this.#typingOut.changed(writing);
  }

  /** Everything up to `offset` was shown. */
  read(offset: number): void {
    const conversation = this.state.conversation;
    const known = Math.max(this.#readSaid, conversation?.read?.visitor ?? 0);
    if (conversation === undefined || offset <= known) return;
    if (this.#socket.tell({ type: "read", conversation: conversation.id, offset })) {
      this.#readSaid = offset;
    }
  }

  /** Ends the conversation, or cancels the request. Rejects with `Refused` or `Disconnected`. */
  async close(): Promise<void> {
    const conversation = this.state.conversation?.id;
    this.#setAsking(undefined);
    if (conversation !== undefined) await this.#socket.ask({ type: "close", conversation });
  }

  /** After nobody came: leaves an address and a message. Rejects with `Refused`, `Disconnected`. */
  async leave(email: string, text: string): Promise<void> {
    const conversation = this.state.conversation?.id;
    if (conversation === undefined) throw new Error("There is no conversation to leave it in.");
    await this.#socket.ask({ type: "leave", conversation, email, text });
  }

  /** Forgets a conversation that is over, so that a new one may start. */
  dismiss(): void {
    const state = this.state.conversation?.state;
    if (state === "closed" || state === "missed") this.#replace(undefined);
  }

  /** The visitor is on this page now. */
  page(page: Page): void {
    this.#page = page;
    this.#socket.tell({ type: "page", page });
  }

  /** What the site knows of its visitor, and what its server has signed; kept until it is told. */
  identify(fields: Fields, jwt = ""): void {
    this.#identity.add(fields, jwt);
  }

  // --- connection ----------------------------------------------------------------------------------

  #makeSocket(): Socket {
    return new Socket({
      url: this.#options.url,
      seams: this.#seams,
      ...(this.#options.codec && { codec: this.#options.codec }),
      hello: () => this.#hello(),
      onWelcome: (welcome) => this.#welcomed(welcome as VisitorWelcome),
      onMessage: (message) => this.#received(message as VisitorServerMessage),
      onConnection: (connection) => this.#connected(connection),
    });
  }

  #hello(): { type: "hello" } {
    const hello = {
      type: "hello" as const,
      token: this.#memory.readToken(),
      resume: this.#resumeFrom(),
      ...(this.#page && { page: this.#page }),
      ...(this.#options.locale && { locale: this.#options.locale }),
      ...(this.#options.timezone && { timezone: this.#options.timezone }),
    };
    return hello;
  }

  /** From where we are; on a new page from the start of what was shown on the last one. */
  #resumeFrom(): Resume {
    const { conversation } = this.state;
    if (conversation !== undefined) return resumeFrom([conversation]);
    const id = this.#memory.readConversation?.() ?? "";
    return id === "" ? {} : { [id]: { epoch: "", offset: 0 } };
  }

  #welcomed(welcome: VisitorWelcome): void {
    this.#memory.writeToken(welcome.token);
    this.#release?.();
    this.#tokenRefused = false;
    this.#readSaid = 0;
    this.#serverBehind = false;
    this.#recovery.clear();
    this.#typingIn.clear();
    const { visitor, session, desk, server_time } = welcome;
    const skew = server_time ? Date.parse(server_time) - this.#seams.now() : this.state.skew;
    this.store.set({ connection: this.#socket.connection, visitor, session, desk, skew });
    this.#resume(welcome);
    this.emit("welcome", welcome);
    this.#outbox.flush();
    this.#request.flush();
    this.#identity.flush();
  }

  #resume(welcome: VisitorWelcome): void {
    const old = this.state.conversation;
    const fresh = welcome.conversation;
    if (fresh !== undefined) this.#replace(resumed(old, fresh, welcome.recovered));
    // What is over stays in view; what is open and unknown to the server is gone.
    else if (old?.state === "requested" || old?.state === "active") this.#replace(undefined);
  }

  #connected(connection: Connection): void {
    if (connection.state === "stopped" && connection.code === CloseCode.UNAUTHORIZED) {
      if (this.#startAfresh()) return;
    }
    if (connection.state === "stopped") this.#release?.();
    if (connection.state !== "online") this.#typingIn.clear();
    this.store.set({ connection });
  }

  /** A token that isn't taken any more (expired, another key) makes a new visitor, once. */
  #startAfresh(): boolean {
    if (this.#tokenRefused || this.#memory.readToken() === "") return false;
    this.#tokenRefused = true;
    this.#memory.writeToken("");
    this.#replace(undefined);
    this.#seams.later(() => this.#socket.start(), 0);
    return true;
  }

  // --- what comes in -------------------------------------------------------------------------------

  #received(push: VisitorServerMessage): void {
    const { conversation } = this.state;
    if (isEntry(push)) this.#entered(push);
    else if (push.type === "desk") this.store.set({ desk: push.desk });
    else if (push.type === "conversation") this.#replace(push);
    else if (push.type === "recovering") this.#behind(push.on);
    else if (push.type === "typing" && push.who === "rep") {
      this.#typingIn.heard(push.conversation, push.on);
    } else if (push.type === "read" && conversation !== undefined) {
      const after = toConversation(conversation, push);
      if (!isGap(after)) this.store.set({ conversation: after });
    }
  }

  #entered(entry: LogEntry): void {
    const { conversation } = this.state;
    if (conversation?.id !== entry.conversation) return;
    if (this.#recovery.hold(conversation.id, entry)) return;
    const after = toConversation(conversation, entry);
    if (isGap(after)) this.#recovery.start(after, entry);
    else if (after !== conversation) this.#advanced(after, [entry]);
  }

  #advanced(conversation: Conversation, entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#outbox.seen(entry);
    this.store.set({ conversation });
    for (const entry of entries) this.#announce(entry);
  }

  #announce(entry: LogEntry): void {
    this.emit("entry", entry);
    if (entry.type === "participant") this.emit("participant", entry);
    if (entry.type !== "message" || entry.from !== "rep") return;
    this.#typingIn.heard(entry.conversation, false);
    this.emit("message", entry);
  }

  /** A whole snapshot: announces what in it is new to us. */
  #replace(conversation: Conversation | undefined): void {
    const old = this.state.conversation;
    this.store.set({ conversation });
    this.#memory.writeConversation?.(conversation?.id ?? "");
    if (conversation === undefined) return;
    if (conversation.id !== old?.id) this.#readSaid = 0;
    this.#outbox.reconcile(conversation);
    const known = conversation.id === old?.id ? old.offset : Infinity;
    for (const entry of conversation.entries) if (entry.offset > known) this.#announce(entry);
  }

  #behind(on: boolean): void {
    this.#serverBehind = on;
    const id = this.state.conversation?.id ?? "";
    this.store.set({ behind: on || this.#recovery.has(id) });
  }

  #makeRecovery(): Recovery<LogEntry> {
    return new Recovery<LogEntry>({
      seams: this.#seams,
      ask: (body, apply) => this.#socket.ask(body, apply),
      onEntries: (id, entries) => this.#filled(id, entries),
      onSnapshot: (conversation) => this.#replace(conversation),
      onPush: (entry) => this.#entered(entry),
      onChange: () => this.#behind(this.#serverBehind),
    });
  }

  #filled(id: string, entries: readonly LogEntry[]): void {
    const { conversation } = this.state;
    if (conversation?.id !== id) return;
    const after = withEntries(conversation, entries);
    if (!isGap(after)) this.#advanced(after, after.entries.slice(conversation.entries.length));
  }

  // --- what goes out -------------------------------------------------------------------------------

  #makeOutbox(kept: readonly Pending[]): Outbox {
    const options = {
      seams: this.#seams,
      send: (message: Pending, acknowledged: (ok: Ok) => void) => {
        const { conversation, client_id, text } = message;
        return this.#socket.ask({ type: "message", conversation, client_id, text }, acknowledged);
      },
      onAcknowledged: (message: Pending, ok: Ok) =>
        this.#entered(sent({ type: "message", ...message }, ok)),
      onChange: () => this.#changedUnsent(),
    };
    return new Outbox(options, kept);
  }

  #changedUnsent(): void {
    const messages = this.#outbox.waiting;
    this.store.set({ pending: messages });
    const { asking } = this.state;
    this.#memory.writeUnsent?.({ messages, ...(asking && { asking }) });
  }

  #setAsking(asking: Asking | undefined): void {
    this.store.set({ asking });
    this.#changedUnsent();
  }

  #makeRequest(): PersonRequest {
    return new PersonRequest({
      seams: this.#seams,
      wanted: () => this.state.asking,
      ask: (body, apply) => this.#socket.ask(body, apply),
      onAnswer: (asking, ok) => this.#asked(asking, ok),
      onRefused: (error) => {
        this.#setAsking(undefined);
        this.emit("refused", error);
      },
    });
  }

  /** The first words are in the log, or the conversation was open before: then they are a message. */
  #asked({ client_id, text }: Asking, ok: Ok): void {
    const wasCancelled = this.state.asking?.client_id !== client_id;
    this.#setAsking(undefined);
    if (typeof ok.conversation !== "object") return;
    const conversation = ok.conversation;
    this.#replace(conversation);
    const isHeld = conversation.entries.some(
      (each) => each.type === "message" && each.client_id === client_id,
    );
    if (wasCancelled) this.close().catch(() => undefined);
    else if (text !== "" && !isHeld) {
      this.#outbox.add({ client_id, conversation: conversation.id, text });
    }
  }

  #sayTyping(on: boolean): void {
    const conversation = this.state.conversation?.id;
    if (conversation !== undefined) {
      this.#socket.tell({ type: "typing", conversation, on });
    }
  }
}
