/** A rep's side of the protocol: rings, and the conversations that the rep holds. */
import {
  type Conversation,
  type LogEntry,
  type Offer,
  type Ok,
  type RepServerMessage,
  type RepSnapshot,
  type RepWelcome,
  isEntry,
  isGap,
  resumedRep,
  resumeFrom,
  sent,
  toConversation,
  toRep,
  withEntries,
} from "../protocol/index.ts";
import { Emitter, Store } from "./emitter.ts";
import { Refused } from "./errors.ts";
import { Outbox, type Pending } from "./outbox.ts";
import { Recovery } from "./recovery.ts";
import {
  type ClaimOutcome,
  type RepEvents,
  type RepOptions,
  type RepState,
  EMPTY,
  ENDED_KEPT,
} from "./rep_state.ts";
import { type Seams, newClientId, outside } from "./seams.ts";
import { type Said, Socket } from "./socket.ts";
import { TypingIn, TypingOut } from "./typing.ts";

export class RepClient extends Emitter<RepEvents> {
  readonly store: Store<RepState>;
  readonly #options: RepOptions;
  readonly #seams: Seams;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #recovery: Recovery<LogEntry>;
  readonly #typingOut = new Map<string, TypingOut>();
  readonly #typingIn: TypingIn;
  readonly #serverBehind = new Set<string>();
  readonly #readSaid = new Map<string, number>();

  constructor(options: RepOptions) {
    super();
    this.#options = options;
    this.#seams = options.seams ?? outside;
    this.store = new Store({ ...EMPTY, device: options.device ?? "" });
    this.#socket = new Socket({
      url: options.url,
      seams: this.#seams,
      ...(options.codec && { codec: options.codec }),
      hello: () => this.#hello(),
      onWelcome: (welcome) => this.#welcomed(welcome as RepWelcome),
      onMessage: (message) => this.#received(message as RepServerMessage),
      onConnection: (connection) => {
        if (connection.state !== "online") this.#typingIn.clear();
        this.store.set({ connection });
      },
    });
    this.#typingIn = new TypingIn(this.#seams, (typing) => this.store.set({ typing }));
    this.#outbox = this.#makeOutbox();
    this.#recovery = this.#makeRecovery();
  }

  get state(): RepState {
    return this.store.state;
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    this.#outbox.stop();
    this.#socket.stop();
  }

  /** To be called when the network changed or the page is shown again. */
  check(): void {
    this.#socket.check();
  }

  /** Rejects with `Refused` or `Disconnected`, like every method here that returns a promise. */
  async setAvailability(state: RepState["availability"]): Promise<void> {
    await this.#socket.ask({ type: "availability", state }, () =>
      this.store.set({ availability: state, cause: "" }),
    );
  }

  /** Nobody has touched this device for `idle_minutes`, or somebody has again (PR-1). */
  idle(idle: boolean): void {
    this.#socket.tell({ type: "activity", idle });
  }

  /** The card of a ring is on the screen. */
  seen(conversation: string): void {
    this.#socket.tell({ type: "offer_seen", conversation });
  }

  /** Start a conversation (CH-2). Losing isn't an error; an unknown outcome is: ask again. */
  async claim(conversation: string): Promise<ClaimOutcome> {
    let won: Conversation | undefined;
    const apply = (ok: Ok) => {
      if (typeof ok.conversation === "object") won = ok.conversation;
      if (won !== undefined) this.#fold(won);
    };
    try {
      await this.#socket.ask({ type: "claim", conversation }, apply);
    } catch (error) {
      if (!(error instanceof Refused) || error.temporary) throw error;
      const { code, message, by, at } = error.answer;
      return { won: false, code, message, by, at };
    }
    return { won: true, conversation: won };
  }

  async decline(conversation: string): Promise<void> {
    await this.#socket.ask({ type: "decline", conversation });
  }

  /** Says something; it is kept and sent again until it is acknowledged. */
  send(conversation: string, text: string): void {
    this.#typingOut.get(conversation)?.sent();
    this.#outbox.add({ client_id: newClientId(this.#seams.random), conversation, text });
  }

  /** Sends a message again that had failed. */
  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /** To be called at each change of a draft; `false` when it is empty again. */
  typing(conversation: string, writing: boolean): void {
    const say = (on: boolean) => void this.#socket.tell({ type: "typing", conversation, on });
    const out = this.#typingOut.get(conversation) ?? new TypingOut(this.#seams, say);
    this.#typingOut.set(conversation, out);
    out.changed(writing);
  }

  /** Everything up to `offset` was shown. */
  read(conversation: string, offset: number): void {
    const said = this.#readSaid.get(conversation) ?? 0;
    const known = Math.max(said, this.#held(conversation)?.read?.rep ?? 0);
    if (offset <= known) return;
    const wasSaid = this.#socket.tell({ type: "read", conversation, offset });
    if (wasSaid) this.#readSaid.set(conversation, offset);
  }

  async close(conversation: string): Promise<void> {
    await this.#socket.ask({ type: "close", conversation, ...this.#fence(conversation) });
  }

  /** To a rep, to a group, or (neither given) back to its rule. */
  async transfer(
    conversation: string,
    to: { rep?: string; group?: string; note?: string } = {},
  ): Promise<void> {
    const { fence = 0 } = this.#fence(conversation);
    await this.#socket.ask({ type: "transfer", conversation, fence, ...to });
  }

  /** Takes a conversation that is over out of `ended`. */
  forget(conversation: string): void {
    this.store.set({ ended: this.state.ended.filter((one) => one.id !== conversation) });
  }

  // --- what comes in -------------------------------------------------------------------------------

  #hello(): { type: "hello" } {
    const hello: Said = {
      type: "hello",
      device: this.state.device,
      resume: resumeFrom(this.state.conversations),
      ...(this.#options.token !== undefined && { token: this.#options.token }),
    };
    return hello;
  }

  #welcomed(welcome: RepWelcome): void {
    this.#recovery.clear();
    this.#serverBehind.clear();
    this.#readSaid.clear();
    this.#typingIn.clear();
    const { rep, role, device, server_time } = welcome;
    const skew = server_time ? Date.parse(server_time) - this.#seams.now() : this.state.skew;
    this.store.set({ connection: this.#socket.connection, rep, role, device, skew, behind: {} });
    this.#setSnapshot(resumedRep(this.#snapshot(), welcome.snapshot, welcome.recovered));
    for (const one of this.state.conversations) this.#outbox.reconcile(one);
    this.emit("welcome", welcome);
    this.#outbox.flush();
  }

  #received(push: RepServerMessage): void {
    switch (push.type) {
      case "typing":
        if (push.who === "visitor") this.#typingIn.heard(push.conversation, push.on);
        break;
      case "recovering":
        if (push.on) this.#serverBehind.add(push.conversation);
        else this.#serverBehind.delete(push.conversation);
        this.#showBehind();
        break;
      case "alert":
        this.emit("alert", push);
        break;
      case "offer_gone":
        this.emit("offer_gone", { ...push, offer: this.#offer(push.conversation) });
        this.#fold(push);
        break;
      case "released":
        this.#fold(push);
        this.emit("released", push);
        break;
      default:
        if (isEntry(push)) this.#entered(push);
        else this.#fold(push);
    }
  }

  #entered(entry: LogEntry): void {
    if (this.#recovery.hold(entry.conversation, entry)) return;
    this.#outbox.seen(entry);
    this.#fold(entry);
  }

  /** One push into the snapshot. */
  #fold(push: RepServerMessage): void {
    const before = this.#snapshot();
    const after = toRep(before, push, this.state.rep?.id ?? "");
    if (isGap(after)) this.#recovery.start(after, isEntry(push) ? push : undefined);
    else this.#setSnapshot(after, isEntry(push) ? push : undefined);
    if (push.type === "conversation") this.#outbox.reconcile(push);
  }

  #snapshot(): RepSnapshot {
    const { availability, capacity, cause, off_hours, offers, conversations, presence } =
      this.state;
    return {
      availability,
      capacity,
      cause,
      off_hours,
      offers: [...offers],
      conversations: [...conversations],
      presence: [...presence],
    };
  }

  #setSnapshot(after: RepSnapshot, last?: LogEntry): void {
    const before = this.state;
    const ended = this.#endedAfter(after, last);
    this.store.set({
      ...after,
      cause: after.cause ?? "",
      off_hours: after.off_hours ?? false,
      ended,
    });
    for (const offer of after.offers) {
      if (!before.offers.some((one) => one.conversation === offer.conversation)) {
        this.emit("offer", offer);
      }
    }
    for (const one of [...after.conversations, ...ended]) {
      const old = before.conversations.find((each) => each.id === one.id);
      if (old !== undefined && old !== one) this.#announce(one, old.offset);
    }
  }

  /** A conversation that leaves is kept for reading, with the entry that ended it. */
  #endedAfter(after: RepSnapshot, last: LogEntry | undefined): readonly Conversation[] {
    const held = new Set(after.conversations.map((one) => one.id));
    const left = this.state.conversations.filter((one) => !held.has(one.id));
    const kept = this.state.ended.filter((one) => !held.has(one.id));
    if (left.length === 0 && kept.length === this.state.ended.length) return this.state.ended;
    const final = left.map((one) => {
      const whole = last === undefined ? one : toConversation(one, last);
      return isGap(whole) ? one : whole;
    });
    return [...final, ...kept].slice(0, ENDED_KEPT);
  }

  #announce(conversation: Conversation, after: number): void {
    for (const entry of conversation.entries) {
      if (entry.offset <= after) continue;
      this.emit("entry", entry);
      if (entry.type !== "message" || entry.from !== "visitor") continue;
      this.#typingIn.heard(entry.conversation, false);
      this.emit("message", entry);
    }
  }

  #makeRecovery(): Recovery<LogEntry> {
    return new Recovery<LogEntry>({
      seams: this.#seams,
      ask: (body, apply) => this.#socket.ask(body, apply),
      onEntries: (id, entries) => this.#filled(id, entries),
      onSnapshot: (conversation) => this.#fold(conversation),
      onPush: (entry) => this.#entered(entry),
      onChange: () => this.#showBehind(),
    });
  }

  #filled(id: string, entries: readonly LogEntry[]): void {
    const held = this.#held(id);
    const after = held && withEntries(held, entries);
    if (after !== undefined && !isGap(after)) this.#fold(after);
  }

  #showBehind(): void {
    const ids = this.state.conversations.map((one) => one.id);
    const behind = ids.filter((id) => this.#serverBehind.has(id) || this.#recovery.has(id));
    this.store.set({ behind: Object.fromEntries(behind.map((id) => [id, true])) });
  }

  // --- what goes out -------------------------------------------------------------------------------

  #makeOutbox(): Outbox {
    return new Outbox({
      seams: this.#seams,
      send: ({ conversation, client_id, text }, acknowledged) => {
        const fence = this.#fence(conversation);
        const message: Said = { type: "message", conversation, client_id, text, ...fence };
        return this.#socket.ask(message, acknowledged);
      },
      onAcknowledged: (message, ok) => {
        const { conversation, client_id, text } = message;
        const said = { type: "message" as const, conversation, client_id, text };
        this.#entered(sent(said, ok, this.state.rep));
      },
      onChange: () => this.#showPending(),
    });
  }

  #showPending(): void {
    const pending: Record<string, Pending[]> = {};
    for (const each of this.#outbox.waiting) (pending[each.conversation] ??= []).push(each);
    this.store.set({ pending });
  }

  #held(id: string): Conversation | undefined {
    return this.state.conversations.find((one) => one.id === id);
  }

  #offer(id: string): Offer | undefined {
    return this.state.offers.find((one) => one.conversation === id);
  }

  #fence(id: string): { fence?: number } {
    const fence = this.#held(id)?.fence;
    return fence === undefined ? {} : { fence };
  }
}
