/** The live desk over a socket: the rep's client and what this tab adds to it (how a ring ended,
 * which chat was handed over why, the order in which chats came). */
import type { Connection, RepClient, RepState } from "../../client/index.ts";
import { CloseCode, type Conversation, type Offer, type OfferGone } from "../../protocol/index.ts";
import { ms } from "../format";
import { type Chat, type Live, type LiveState, type Notice, NOTHING, type Ring } from "./live";

type Over = NonNullable<Chat["over"]>;

/** A refusal of a claim that the card doesn't tell. */
export class NotStarted extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = "NotStarted";
  }
}

export class DeskLive implements Live {
  #state: LiveState = NOTHING;
  #rings: readonly Ring[] = [];
  #notices: readonly Notice[] = [];
  readonly #client: RepClient;
  readonly #now: () => number;
  readonly #clicked = new Map<string, number>();
  readonly #over = new Map<string, Over>();
  readonly #order = new Map<string, number>();
  readonly #reads = new Map<string, number>();
  readonly #asRead = new WeakMap<Conversation, Conversation>();
  readonly #listeners = new Set<() => void>();

  constructor(client: RepClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    client.store.subscribe(() => this.#draw());
    // What was read while the connection was away.
    client.on("welcome", () => this.#reads.forEach((offset, id) => client.read(id, offset)));
    client.on("offer_gone", (gone) => this.#ringEnded(gone));
    client.on("released", ({ conversation, why }) => {
      this.#over.set(conversation, why);
      this.#draw();
    });
    client.on("alert", ({ code, level, text }) => {
      const others = this.#notices.filter((notice) => notice.key !== code);
      this.#notices = [...others, { key: code, level, text }];
      this.#draw();
    });
    this.#draw();
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  setAvailability = (state: "available" | "away") => this.#client.setAvailability(state);
  seen = (conversation: string) => this.#client.seen(conversation);
  send = (conversation: string, text: string) => this.#client.send(conversation, text);
  sendAgain = (_: string, clientId: string) => this.#client.retry(clientId);
  discard = (_: string, clientId: string) => this.#client.discard(clientId);
  typing = (conversation: string, on: boolean) => this.#client.typing(conversation, on);

  /** The server tells a read mark to everybody else; this tab notes it by itself. */
  read = (conversation: string, offset: number): void => {
    if (offset <= (this.#reads.get(conversation) ?? 0)) return;
    this.#reads.set(conversation, offset);
    this.#client.read(conversation, offset);
    this.#draw();
  };

  close = (conversation: string) => this.#client.close(conversation);
  transfer: Live["transfer"] = (conversation, target) =>
    this.#client.transfer(conversation, target);

  claim = async (conversation: string): Promise<boolean> => {
    if (this.#clicked.has(conversation)) return false;
    this.#clicked.set(conversation, this.#serverNow());
    this.#draw();
    try {
      const outcome = await this.#client.claim(conversation);
      if (!outcome.won) this.#lost(conversation, outcome);
      return outcome.won;
    } finally {
      this.#clicked.delete(conversation);
      this.#draw();
    }
  };

  decline = async (conversation: string): Promise<void> => {
    await this.#client.decline(conversation);
    this.forgetRing(conversation);
  };

  forgetRing = (conversation: string): void => {
    this.#rings = this.#rings.filter((ring) => ring.offer.conversation !== conversation);
    this.#draw();
  };

  dismiss = (conversation: string): void => {
    this.#client.forget(conversation);
    this.#over.delete(conversation);
  };

  forgetNotice = (key: string): void => {
    this.#notices = this.#notices.filter((notice) => notice.key !== key);
    this.#draw();
  };

  reconnect = (): void => {
    if (this.#client.state.connection.state === "stopped") this.#client.start();
    else this.#client.check();
  };

  #serverNow(): number {
    return this.#now() + this.#client.state.skew;
  }

  #lost(
    conversation: string,
    outcome: { code: string; by: OfferGone["by"] | undefined; at: string | undefined },
  ): void {
    if (outcome.code === "at_capacity") throw new NotStarted(outcome.code);
    const why = outcome.code === "already_claimed" ? "claimed" : "gone";
    this.#finish(conversation, {
      why,
      by: outcome.by,
      leadMs: this.#leadOf(conversation, outcome.at),
    });
  }

  #leadOf(conversation: string, at: string | undefined): number | undefined {
    const clicked = this.#clicked.get(conversation);
    return clicked === undefined || !at ? undefined : Math.max(0, clicked - ms(at));
  }

  #ringEnded(gone: OfferGone & { offer: Offer | undefined }): void {
    const mine = gone.by !== undefined && gone.by.id === this.#client.state.rep?.id;
    if (mine || gone.why === "declined") {
      this.forgetRing(gone.conversation);
      return;
    }
    const leadMs = this.#leadOf(gone.conversation, gone.at);
    this.#finish(gone.conversation, { why: gone.why, by: gone.by, leadMs });
  }

  #finish(conversation: string, ended: NonNullable<Ring["ended"]>): void {
    this.#rings = this.#rings.map((ring) =>
      ring.offer.conversation === conversation ? { ...ring, ended, starting: false } : ring,
    );
    this.#draw();
  }

  #draw(): void {
    const state = this.#client.state;
    this.#rings = this.#ringsOf(state);
    this.#state = {
      link: linkOf(state.connection, this.#state.loaded),
      loaded: this.#state.loaded || state.rep !== undefined,
      me: state.rep ?? null,
      role: state.role,
      availability: state.availability,
      cause: state.cause,
      offHours: state.off_hours,
      capacity: state.capacity,
      rings: this.#rings,
      chats: this.#chatsOf(state),
      presence: state.presence,
      notices: this.#notices,
      skew: state.skew,
    };
    for (const listener of this.#listeners) listener();
  }

  /** Rings that ended stay until their card has faded; one that is rung again begins anew. */
  #ringsOf({ offers, conversations }: RepState): readonly Ring[] {
    const live = new Map(offers.map((offer) => [offer.conversation, offer]));
    const held = new Set(conversations.map((one) => one.id));
    const kept = this.#rings.flatMap((ring): Ring[] => {
      const { conversation } = ring.offer;
      const offer = live.get(conversation);
      live.delete(conversation);
      if (held.has(conversation)) return [];
      if (!offer) return ring.ended ? [ring] : [];
      return [this.#ring(offer, ring)];
    });
    return [...kept, ...[...live.values()].map((offer) => this.#ring(offer))];
  }

  #ring(offer: Offer, old?: Ring): Ring {
    const starting = this.#clicked.has(offer.conversation);
    if (old && old.offer === offer && old.starting === starting) return old;
    const same = old?.offer.expires_at === offer.expires_at;
    return {
      offer,
      since: same ? old.since : this.#now(),
      starting,
      ended: same ? old.ended : null,
    };
  }

  #chatsOf(state: RepState): readonly Chat[] {
    const old = new Map(this.#state.chats.map((chat) => [chat.conversation.id, chat]));
    const chats = [
      ...state.conversations.map((one) => this.#chat(one, state, null)),
      ...state.ended.map((one) => this.#chat(one, state, this.#over.get(one.id) ?? "closed")),
    ]
      .map((chat) => unchanged(old.get(chat.conversation.id), chat))
      .sort((a, b) => this.#place(a.conversation) - this.#place(b.conversation));
    const same = chats.length === this.#state.chats.length;
    return same && chats.every((chat, i) => chat === this.#state.chats[i])
      ? this.#state.chats
      : chats;
  }

  #chat(conversation: Conversation, state: RepState, over: Chat["over"]): Chat {
    const { id } = conversation;
    const shown = this.#withRead(conversation);
    return {
      conversation: shown,
      unsent: (state.pending[id] ?? NONE).map((pending) => ({
        clientId: pending.client_id,
        text: pending.text,
        at: pending.at,
        state: pending.state === "failed" ? "failed" : "sending",
      })),
      visitorTyping: state.typing[id] ?? false,
      behind: over || !state.behind[id] ? null : 0,
      over,
    };
  }

  #withRead(conversation: Conversation): Conversation {
    const mine = this.#reads.get(conversation.id) ?? 0;
    const read = conversation.read ?? { visitor: 0, rep: 0 };
    if (mine <= read.rep) return conversation;
    const known = this.#asRead.get(conversation);
    if (known?.read?.rep === mine) return known;
    const made = { ...conversation, read: { ...read, rep: mine } };
    this.#asRead.set(conversation, made);
    return made;
  }

  /** Chats keep their place: Alt and a number always opens the same one. */
  #place(conversation: Conversation): number {
    const known = this.#order.get(conversation.id);
    if (known !== undefined) return known;
    const claimed = conversation.entries.findLast((entry) => entry.type === "claimed");
    const place = ms(claimed?.at ?? conversation.at);
    this.#order.set(conversation.id, place);
    return place;
  }
}

const NONE: readonly never[] = [];

function unchanged(old: Chat | undefined, chat: Chat): Chat {
  const same =
    old !== undefined &&
    old.conversation === chat.conversation &&
    old.visitorTyping === chat.visitorTyping &&
    old.behind === chat.behind &&
    old.over === chat.over &&
    JSON.stringify(old.unsent) === JSON.stringify(chat.unsent);
  return same ? old : chat;
}

/** A rep who never was connected sees "connecting", one who was sees that it is being tried again. */
function linkOf(connection: Connection, loaded: boolean): LiveState["link"] {
  switch (connection.state) {
    case "online":
      return { phase: "online" };
    case "waiting":
      return { phase: "waiting", retryAt: connection.retryAt };
    case "stopped":
      return { phase: "stopped", why: stopOf(connection.code) };
    default:
      return loaded ? { phase: "waiting", retryAt: 0 } : { phase: "connecting" };
  }
}

function stopOf(code: number): "signed_out" | "elsewhere" | "refused" {
  if (code === CloseCode.SUPERSEDED) return "elsewhere";
  const out: readonly number[] = [0, CloseCode.UNAUTHORIZED, CloseCode.SIGNED_OUT];
  return out.includes(code) ? "signed_out" : "refused";
}
