import { useEffect, useRef } from "preact/hooks";

import type { Pending } from "../../client/index.ts";
import type { Conversation, LogEntry, Message, Person } from "../../protocol/index.ts";
import { pieces } from "../links.ts";
import type { Model } from "../model.ts";
import type { Texts } from "../texts.ts";
import { Avatar } from "./Avatar.tsx";

/** Near the end is the end: who reads older lines isn't pulled away from them. */
const NEAR_PX = 80;

interface LogProps {
  model: Model;
  conversation: Conversation | undefined;
  pending: readonly Pending[];
  typing: boolean;
}

/** What was said and what happened, and below it what is on its way. */
export function Log({ model, conversation, pending, typing }: LogProps) {
  const { say } = model.texts;
  const entries = conversation?.entries ?? [];
  const box = useStayAtEnd(`${conversation?.offset ?? 0}.${pending.length}.${typing}`);
  const rep = conversation?.rep;
  const delivered = deliveryOf(conversation);
  return (
    // A scrolled region has to be reachable by keyboard.
    <div class="log" ref={box} role="log" aria-label={say("conversation")} tabIndex={0}>
      <div class="log-inner">
        {entries.map((entry, index) => (
          <Entry
            key={entry.offset}
            model={model}
            entry={entry}
            before={entries[index - 1]}
            after={entries[index + 1]}
            delivered={delivered?.offset === entry.offset ? say(delivered.words) : ""}
          />
        ))}
        {pending.map((message) => (
          <Unsent key={message.client_id} model={model} message={message} />
        ))}
        {typing && rep && <Typing texts={model.texts} rep={rep} />}
      </div>
    </div>
  );
}

function useStayAtEnd(content: string) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => {
      const below = element.scrollHeight - element.scrollTop - element.clientHeight;
      isAtEnd.current = below < NEAR_PX;
    };
    element.addEventListener("scroll", look, { passive: true });
    // A banner or a growing composer takes room from the end.
    const resized = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    });
    resized.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      resized.disconnect();
    };
  }, []);
  useEffect(() => {
    const element = box.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [content]);
  return box;
}

interface EntryProps {
  model: Model;
  entry: LogEntry;
  before: LogEntry | undefined;
  after: LogEntry | undefined;
  /** What became of it, in words, where that is worth saying. */
  delivered: string;
}

function Entry({ model, entry, before, after, delivered }: EntryProps) {
  const { texts } = model;
  if (entry.type === "message") {
    const isFirst = !isSameSpeaker(before, entry);
    const isLast = !isSameSpeaker(after, entry);
    return <Said {...{ texts, message: entry, isFirst, isLast, delivered }} />;
  }
  const words = happened(texts, entry);
  return words === "" ? null : (
    <p class="happened" title={texts.moment(entry.at)}>
      {words}
    </p>
  );
}

interface SaidProps {
  texts: Texts;
  message: Message;
  isFirst: boolean;
  isLast: boolean;
  delivered: string;
}

function Said({ texts, message, isFirst, isLast, delivered }: SaidProps) {
  const isMine = message.from === "visitor";
  const name = isMine ? texts.say("you") : (message.rep?.name ?? "");
  const side = isMine ? "mine" : "theirs";
  return (
    <div class={`said ${side} ${isFirst ? "first" : ""} ${isLast ? "last" : ""}`}>
      {!isMine && (
        <span class="face">{isLast && message.rep && <Avatar person={message.rep} />}</span>
      )}
      <div class="bubble" title={texts.moment(message.at)}>
        <span class="hidden">{name}: </span>
        <Words text={message.text} />
      </div>
      <p class="state clock">
        <time dateTime={message.at}>{texts.clock(message.at)}</time>
        {delivered && ` · ${delivered}`}
      </p>
    </div>
  );
}

function Words({ text }: { text: string }) {
  return (
    <span class="words" dir="auto">
      {pieces(text).map((piece) =>
        piece.href === undefined ? (
          piece.text
        ) : (
          <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ),
      )}
    </span>
  );
}

function Unsent({ model, message }: { model: Model; message: Pending }) {
  const { say } = model.texts;
  const hasFailed = message.state === "failed";
  return (
    <div class={`said mine first last ${hasFailed ? "failed" : "sending"}`}>
      <div class="bubble">
        <span class="hidden">{say("you")}: </span>
        <Words text={message.text} />
      </div>
      <p class="state">
        {say(hasFailed ? "notSent" : "sending")}
        {hasFailed && (
          <>
            <button
              type="button"
              class="link"
              onClick={() => model.client.retry(message.client_id)}
            >
              {say("again")}
            </button>
            <button
              type="button"
              class="link"
              onClick={() => model.client.discard(message.client_id)}
            >
              {say("remove")}
            </button>
          </>
        )}
      </p>
    </div>
  );
}

/** What became of the visitor's own newest words, if they were the last. */
function deliveryOf(conversation: Conversation | undefined): Delivered | undefined {
  const last = conversation?.entries.findLast((entry) => entry.type === "message");
  if (last?.from !== "visitor" || conversation?.state === "closed") return undefined;
  const isRead = (conversation?.read?.rep ?? 0) >= last.offset;
  return { offset: last.offset, words: isRead ? "read" : "delivered" };
}

interface Delivered {
  offset: number;
  words: "read" | "delivered";
}

function Typing({ texts, rep }: { texts: Texts; rep: Person }) {
  return (
    <div class="said theirs first last">
      <span class="face">
        <Avatar person={rep} />
      </span>
      <div class="bubble typing">
        <span class="hidden">{texts.say("typing", { name: rep.name })}</span>
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}

function isSameSpeaker(a: LogEntry | undefined, b: Message): boolean {
  return a?.type === "message" && a.from === b.from && a.rep?.id === b.rep?.id;
}

/** An entry that isn't a message, in one line; nothing where the screen says it otherwise. */
export function happened(texts: Texts, entry: Exclude<LogEntry, Message>): string {
  switch (entry.type) {
    case "claimed":
      return texts.say("joined", { name: entry.rep.name });
    case "participant":
      return texts.say(entry.action, { name: entry.rep.name });
    case "requested":
      return entry.why === "transfer" && entry.by
        ? texts.say("passedOn", { name: entry.by.name })
        : "";
    case "missed":
      return texts.say("missedLine");
    case "closed":
      return entry.why === "cancelled" ? texts.say("cancelled") : "";
    case "left":
      return "";
  }
}
