/** One conversation: head, log, and the place to write. */
import { useEffect, useMemo, useRef, useState } from "react";

import { chatName } from "../format";
import { Blank, Failing, useLate } from "../kit/blank";
import { Button } from "../kit/button";
import { useNow } from "../kit/now";
import type { Chat } from "../live/live";
import { useChat, useLive, useLiveState } from "../live/use-live";
import { go } from "../route";
import { texts } from "../texts";
import { useAttending } from "./attending";
import { Composer } from "./composer";
import { useEarlier } from "./earlier";
import { GRACE, undoEnd, useEnding } from "./endings";
import { Messages, type MessagesHandle } from "./messages";
import { PaneHead } from "./pane-head";
import { isFromVisitor, NOTHING_READ, timeline, unreadCount } from "./timeline";

export interface PaneProps {
  id: string;
  /** The pane that keys act on. */
  focused: boolean;
  several: boolean;
  panelShown: boolean;
  onFocus: () => void;
  onClose: () => void;
  onTransfer: () => void;
  onPanel: () => void;
}

export function Pane(props: PaneProps) {
  const chat = useChat(props.id);
  const loaded = useLiveState((state) => state.loaded);
  if (chat) return <OpenPane key={props.id} {...props} chat={chat} />;
  return (
    <section className="pane" aria-label={texts.inbox.goneTitle}>
      {loaded ? (
        <Blank
          title={texts.inbox.goneTitle}
          action={
            <Button onPress={() => go({ page: "history", conversation: props.id, query: "" })}>
              {texts.inbox.goneAction}
            </Button>
          }
        >
          {texts.inbox.goneText}
        </Blank>
      ) : (
        <PaneSkeleton />
      )}
    </section>
  );
}

export function PaneSkeleton() {
  const late = useLate(400);
  return (
    <div className="pane-skeleton" role="status">
      {["a", "b", "c", "d"].map((key) => (
        <i key={key} className={key === "c" ? "mine" : ""} />
      ))}
      <p>{late ? texts.inbox.loadingTitle : "\u00a0"}</p>
    </div>
  );
}

function OpenPane(props: PaneProps & { chat: Chat }) {
  const { chat, focused, onFocus } = props;
  const live = useLive();
  const me = useLiveState((state) => state.me?.id ?? "");
  const { conversation, unsent, over } = chat;
  const who = chatName(conversation);
  const log = useRef<MessagesHandle>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const earlier = useEarlier(conversation);
  const reading = useReading(chat);
  const now = useNow(15_000);
  const rows = useMemo(
    () =>
      timeline({
        entries: earlier.entries,
        unsent,
        read: conversation.read ?? NOTHING_READ,
        me,
        unreadAfter: reading.divider,
        now,
      }),
    [earlier.entries, unsent, conversation.read, me, reading.divider, now],
  );
  useEffect(() => {
    if (focused && window.matchMedia("(hover: hover)").matches) goOn(field.current);
  }, [focused]);
  const toEnd = () => log.current?.toEnd();
  return (
    <section
      className={`pane${props.several && focused ? " focused" : ""}`}
      aria-label={texts.chat.log(who)}
      data-pane={conversation.id}
      onFocusCapture={onFocus}
      onPointerDownCapture={onFocus}
    >
      <PaneHead {...props} who={who} />
      <Messages
        label={texts.chat.log(who)}
        rows={rows}
        handle={log}
        below={reading.below}
        onEnd={reading.setAtEnd}
        actions={{
          sendAgain: (clientId) => live.sendAgain(conversation.id, clientId),
          discard: (clientId) => live.discard(conversation.id, clientId),
        }}
        above={earlier.more ? <EarlierButton query={earlier.query} onPress={earlier.load} /> : null}
      />
      <NewMessageAnnouncer chat={chat} who={who} />
      <Strip chat={chat} who={who} />
      {over ? (
        <OverBar chat={chat} onClose={props.onClose} />
      ) : (
        <Composer
          chat={chat}
          who={who}
          below={reading.below}
          toEnd={toEnd}
          field={field}
          onSent={() => {
            reading.answered();
            requestAnimationFrame(toEnd);
          }}
        />
      )}
    </section>
  );
}

/** A draft that was kept goes on at its end; by itself a browser would write before it. */
function goOn(field: HTMLTextAreaElement | null): void {
  if (field === null || document.activeElement === field) return;
  field.focus();
  if (field.selectionEnd === 0) field.setSelectionRange(field.value.length, field.value.length);
}

/** What is read, where "New" is drawn, and how much is below what is seen. */
function useReading({ conversation, over }: Chat) {
  const live = useLive();
  const attending = useAttending();
  const [atEnd, setAtEnd] = useState(true);
  const read = conversation.read ?? NOTHING_READ;
  const unread = over ? 0 : unreadCount(conversation.entries, read);
  const [divider, setDivider] = useState<number | null>(unread > 0 ? read.rep : null);
  const newest = conversation.entries.findLast(isFromVisitor)?.offset ?? 0;
  if (unread > 0 && divider === null && !(attending && atEnd)) setDivider(read.rep);
  useEffect(() => {
    if (attending && atEnd && !over && newest > read.rep) live.read(conversation.id, newest);
  }, [live, attending, atEnd, over, newest, read.rep, conversation.id]);
  return { divider, below: atEnd ? 0 : unread, setAtEnd, answered: () => setDivider(null) };
}

function EarlierButton(props: {
  query: { isFetching: boolean; error: unknown };
  onPress: () => void;
}) {
  const { query, onPress } = props;
  if (query.error) {
    return <Failing small error={query.error} title={texts.chat.earlierFailed} retry={onPress} />;
  }
  return (
    <div className="earlier">
      <Button size="small" look="quiet" isDisabled={query.isFetching} onPress={onPress}>
        {query.isFetching ? texts.chat.earlierLoading : texts.chat.earlier}
      </Button>
    </div>
  );
}

/** One line of fixed height, so that nothing jumps: typing, the visitor gone, or about to end. */
function Strip({ chat, who }: { chat: Chat; who: string }) {
  const { conversation, over } = chat;
  const ends = useEnding(conversation.id);
  const now = useNow(1000);
  if (over) return null;
  if (ends !== null) {
    return (
      <div className="strip ending" role="status">
        <span className="num">{texts.ending.pending(secondsLeft(ends, now))}</span>
        <Button size="small" look="quiet" onPress={() => undoEnd(conversation.id)}>
          {texts.undo}
        </Button>
      </div>
    );
  }
  if (chat.visitorTyping) {
    return (
      <div className="strip typing">
        <span className="typing-dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <span className="clip">{texts.chat.typing(who)}</span>
      </div>
    );
  }
  return (
    <div className="strip">
      <span className="clip" title={conversation.visitor_here ? undefined : texts.chat.visitorGone}>
        {conversation.visitor_here ? "" : texts.chat.visitorGone}
      </span>
    </div>
  );
}

/** The second hand may be up to a second behind. */
const secondsLeft = (at: number, now: number): number =>
  Math.min(GRACE / 1000, Math.max(1, Math.ceil((at - now) / 1000)));

function OverBar({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const live = useLive();
  return (
    <footer className="over-bar">
      <p>{texts.composer.over[chat.over ?? "closed"]}</p>
      <Button
        onPress={() => {
          onClose();
          live.dismiss(chat.conversation.id);
        }}
      >
        {texts.composer.remove}
      </Button>
    </footer>
  );
}

/** Readers hear each new message once; the virtual list itself is silent. */
function NewMessageAnnouncer({ chat, who }: { chat: Chat; who: string }) {
  const newest = chat.conversation.entries.findLast(isFromVisitor);
  const [first] = useState(newest?.offset ?? 0);
  return (
    <p className="unseen" aria-live="polite">
      {newest && newest.offset > first ? texts.chat.newMessage(who, newest.text.slice(0, 300)) : ""}
    </p>
  );
}
