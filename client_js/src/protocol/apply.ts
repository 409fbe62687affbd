/**
 * Law: applying the events to an old snapshot gives the fresh snapshot.
 *
 * Pure. `toConversation` folds one push into what either side sees of a conversation, `toRep` folds
 * one into everything that a console shows. Where a push can't follow what is known, the answer is a
 * `Gap`: the old snapshot stands, and the client asks for the `history` after `known` (CH-3). The
 * same vectors hold for this module and for the server's `frontdesk.wire.apply`.
 *
 * What is of the moment (typing, desk, alert, recovering, reconnect) changes no snapshot.
 */
import type {
  Conversation,
  LogEntry,
  Message,
  Offer,
  Ok,
  Person,
  Position,
  PresencePush,
  ReadPush,
  Reads,
  RepSnapshot,
  RepServerMessage,
  SendMessage,
  State,
  VisitorPush,
  VisitorServerMessage,
} from "./frames.ts";
import { placeOf, positionOf } from "./position.ts";

export type Push = VisitorServerMessage | RepServerMessage;

/** A push that can't follow what is known: ask for the `history` after `known`. */
export interface Gap {
  readonly conversation: string;
  readonly known: Position;
  readonly got: Position;
}

export function isGap(value: object): value is Gap {
  return "got" in value;
}

const STATES: Partial<Record<LogEntry["type"], State>> = {
  requested: "requested",
  claimed: "active",
  missed: "missed",
  closed: "closed",
};
const ENTRIES = new Set([
  "message",
  "requested",
  "claimed",
  "missed",
  "participant",
  "left",
  "closed",
]);

export function isEntry(message: { type: string }): message is LogEntry {
  return ENTRIES.has(message.type);
}

// --- a conversation ------------------------------------------------------------------------------

/** The conversation after a push. What isn't about this conversation changes nothing. */
export function toConversation(conversation: Conversation, push: Push): Conversation | Gap {
  if (push.type === "conversation") return push.id === conversation.id ? push : conversation;
  if (!("conversation" in push) || push.conversation !== conversation.id) return conversation;
  if (push.type === "read") return { ...conversation, read: readTo(conversation.read, push) };
  if (push.type === "visitor") return withVisitor(conversation, push);
  return isEntry(push) ? withEntry(conversation, push) : conversation;
}

/** The conversation after what `history` answered with `recovered: true`. */
export function withEntries(
  conversation: Conversation,
  log: Iterable<LogEntry>,
): Conversation | Gap {
  let current = conversation;
  for (const entry of log) {
    const after = withEntry(current, entry);
    if (isGap(after)) return after;
    current = after;
  }
  return current;
}

/**
 * What a `welcome` says of a conversation, joined with what was known before. Where the position was
 * recovered, the new one's `entries` are only what came after it.
 */
export function resumed(
  old: Conversation | undefined,
  fresh: Conversation,
  recovered: Readonly<Record<string, boolean>> = {},
): Conversation {
  if (old?.id !== fresh.id || recovered[fresh.id] !== true) return fresh;
  const joined = { ...fresh, entries: [...old.entries, ...fresh.entries] };
  if (old.first === undefined) delete joined.first;
  else joined.first = old.first;
  return joined;
}

/** The entry that an acknowledged message of one's own became; `rep` when a rep sent it. */
export function sent(message: Omit<SendMessage, "id">, ok: Ok, rep?: Person): Message {
  if (ok.epoch === undefined || ok.offset === undefined || ok.at === undefined) {
    throw new TypeError("not the acknowledgement of a message: epoch, offset or at is missing");
  }
  return {
    type: "message",
    conversation: message.conversation,
    epoch: ok.epoch,
    offset: ok.offset,
    at: ok.at,
    from: rep === undefined ? "visitor" : "rep",
    ...(rep && { rep }),
    text: message.text,
    client_id: message.client_id,
  };
}

function withEntry(conversation: Conversation, entry: LogEntry): Conversation | Gap {
  const place = placeOf(conversation, entry);
  if (place === "known") return conversation;
  const got = { epoch: entry.epoch, offset: entry.offset };
  if (place === "gap")
    return { conversation: conversation.id, known: positionOf(conversation), got };
  const { rep, ...rest } = conversation;
  const holder = holderAfter(rep, entry);
  return {
    ...rest,
    ...(holder && { rep: holder }),
    state: STATES[entry.type] ?? conversation.state,
    ...got,
    at: entry.type === "requested" ? entry.at : conversation.at,
    entries: [...conversation.entries, entry],
  };
}

function holderAfter(rep: Person | undefined, entry: LogEntry): Person | undefined {
  if (entry.type === "claimed") return entry.rep;
  return entry.type === "requested" ? undefined : rep;
}

/** Read marks only go forward: a late one of a slower tab changes nothing. */
function readTo(read: Reads = { visitor: 0, rep: 0 }, push: ReadPush): Reads {
  return { ...read, [push.who]: Math.max(read[push.who], push.offset) };
}

function withVisitor(conversation: Conversation, push: VisitorPush): Conversation {
  const { visitor, ...rest } = conversation;
  if (visitor === undefined) return { ...rest, visitor_here: push.here };
  return { ...rest, visitor: push.visitor ?? visitor, visitor_here: push.here };
}

// --- a rep ---------------------------------------------------------------------------------------

/**
 * All that a console shows, after a push; `me` is the id of the rep whose console it is.
 *
 * `conversations` are those that the rep holds: one that is closed, missed, or being looked for again
 * leaves it, and comes back by a `conversation`. Offers are ordered by time, the others by id.
 */
export function toRep(snapshot: RepSnapshot, push: Push, me: string): RepSnapshot | Gap {
  switch (push.type) {
    case "offer":
      return { ...snapshot, offers: put(snapshot.offers, push, offerOrder) };
    case "offer_gone":
      return { ...snapshot, offers: withoutOffer(snapshot, push.conversation) };
    case "released":
      return dropped(snapshot, push.conversation);
    case "presence":
      return withPresence(snapshot, push, me);
    case "conversation":
      return held(snapshot, push);
    default:
      return inHeld(snapshot, push);
  }
}

/** A rep's fresh snapshot, its recovered conversations joined with what was known of them. */
export function resumedRep(
  old: RepSnapshot | undefined,
  fresh: RepSnapshot,
  recovered: Readonly<Record<string, boolean>> = {},
): RepSnapshot {
  const known = new Map(old?.conversations.map((one) => [one.id, one]));
  const join = (one: Conversation) => resumed(known.get(one.id), one, recovered);
  return { ...fresh, conversations: fresh.conversations.map(join) };
}

/** Pushes about a conversation that isn't held (any more) are late: dropped. */
function inHeld(snapshot: RepSnapshot, push: Push): RepSnapshot | Gap {
  const about = "conversation" in push ? push.conversation : undefined;
  const one = snapshot.conversations.find((each) => each.id === about);
  if (one === undefined) return snapshot;
  const after = toConversation(one, push);
  return isGap(after) ? after : held(snapshot, after);
}

/** What is held rings no more; what isn't active isn't held. */
function held(snapshot: RepSnapshot, conversation: Conversation): RepSnapshot {
  if (conversation.state !== "active") return dropped(snapshot, conversation.id);
  return {
    ...snapshot,
    offers: withoutOffer(snapshot, conversation.id),
    conversations: put(snapshot.conversations, conversation, (one) => [one.id]),
  };
}

function dropped(snapshot: RepSnapshot, id: string): RepSnapshot {
  return { ...snapshot, conversations: snapshot.conversations.filter((one) => one.id !== id) };
}

function withoutOffer(snapshot: RepSnapshot, id: string): Offer[] {
  return snapshot.offers.filter((one) => one.conversation !== id);
}

/** One's own presence is also what the head of the console says. */
function withPresence(snapshot: RepSnapshot, push: PresencePush, me: string): RepSnapshot {
  const presence = put(snapshot.presence, push, (one) => [one.rep.id]);
  if (push.rep.id !== me) return { ...snapshot, presence };
  const { availability, capacity, cause, off_hours } = push;
  const { cause: _, off_hours: __, ...rest } = snapshot;
  return {
    ...rest,
    presence,
    availability,
    capacity,
    ...(cause !== undefined && { cause }),
    ...(off_hours && { off_hours }),
  };
}

type Order<Item> = (item: Item) => readonly string[];

/** The identity comes last in every order: `put` replaces what has the same one. */
const offerOrder: Order<Offer> = (offer) => [offer.requested_at, offer.conversation];

/** The list with an item put in its place, and what had the same identity taken out. */
function put<Item>(items: readonly Item[], item: Item, order: Order<Item>): Item[] {
  const key = order(item);
  const kept = items.filter((one) => order(one).at(-1) !== key.at(-1));
  const after = kept.findIndex((one) => isBefore(key, order(one)));
  kept.splice(after === -1 ? kept.length : after, 0, item);
  return kept;
}

function isBefore(a: readonly string[], b: readonly string[]): boolean {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at !== -1 && (a[at] ?? "") < (b[at] ?? "");
}
