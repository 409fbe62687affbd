/** The left column: availability, rings, and this rep's conversations. */
import { Columns2, X } from "lucide-react";
import { useMemo } from "react";

import { chatName, ms } from "../format";
import { Avatar } from "../kit/avatar";
import { Skeleton } from "../kit/blank";
import { Button, IconButton } from "../kit/button";
import { Ago, useNow } from "../kit/now";
import type { Chat } from "../live/live";
import { chatsOf, useLive, useLiveState } from "../live/use-live";
import { RingList } from "../ring/list";
import { address } from "../route";
import { texts } from "../texts";
import { AvailabilitySwitch } from "./availability";
import { useDraft } from "./drafts";
import { show } from "./panes";
import { isFromVisitor, lastMessage, unreadCount } from "./timeline";

interface Props {
  panes: readonly string[];
  focused: string | null;
  maySplit: boolean;
  onBeside: (id: string) => void;
}

export function ChatList(props: Props) {
  const chats = useLiveState(chatsOf);
  const loaded = useLiveState((state) => state.loaded);
  const open = useMemo(() => chats.filter((chat) => !chat.over), [chats]);
  const over = useMemo(() => chats.filter((chat) => chat.over).reverse(), [chats]);
  return (
    <aside className="list" aria-label={texts.inbox.list}>
      <header className="list-head">
        <h1>{texts.inbox.title}</h1>
        <AvailabilitySwitch />
      </header>
      <div className="list-body">
        <RingList />
        {loaded ? (
          <Rows {...props} chats={open} first={1} />
        ) : (
          <Skeleton rows={3} height={64} words={texts.inbox.loadingTitle} />
        )}
        {loaded && chats.length === 0 ? <Quiet /> : null}
        {over.length > 0 ? (
          <>
            <h2 className="list-part">{texts.inbox.ended}</h2>
            <Rows {...props} chats={over} />
          </>
        ) : null}
      </div>
    </aside>
  );
}

/** Nothing to do: says whether rings would arrive here. */
function Quiet() {
  const live = useLive();
  const away = useLiveState((state) => state.availability === "away");
  const off = useLiveState((state) => state.offHours);
  const ringing = useLiveState((state) => state.rings.some((ring) => !ring.ended));
  if (ringing) return null;
  return (
    <div className="quiet-list">
      <p>{away ? texts.inbox.quietAway : off ? texts.inbox.quietOff : texts.inbox.quiet}</p>
      {away ? (
        <Button onPress={() => void live.setAvailability("available")}>
          {texts.inbox.becomeAvailable}
        </Button>
      ) : null}
    </div>
  );
}

function Rows({ chats, first, ...props }: Props & { chats: readonly Chat[]; first?: number }) {
  if (chats.length === 0) return null;
  return (
    <ul>
      {chats.map((chat, i) => (
        <ChatRow
          key={chat.conversation.id}
          chat={chat}
          number={first === undefined || i > 8 ? null : i + first}
          {...props}
        />
      ))}
    </ul>
  );
}

function ChatRow({
  chat,
  number,
  panes,
  focused,
  maySplit,
  onBeside,
}: Props & { chat: Chat; number: number | null }) {
  const live = useLive();
  const { conversation, over } = chat;
  const { id, visitor } = conversation;
  const who = chatName(conversation);
  const unread = over ? 0 : unreadCount(conversation.entries, conversation.read);
  const shown = panes.includes(id);
  return (
    <li
      className={`chat-row${shown ? " shown" : ""}${unread ? " unread" : ""}${over ? " over" : ""}`}
    >
      <a
        href={address({ page: "inbox", panes: show(panes, focused, id) })}
        aria-current={shown ? "true" : undefined}
      >
        <Avatar
          id={visitor?.id ?? id}
          name={who}
          unnamed={!visitor?.name && !visitor?.email}
          {...(over ? {} : { standing: conversation.visitor_here ? "available" : "offline" })}
        />
        <span className="chat-words">
          <span className="chat-first">
            <b className="clip" dir="auto">
              {who}
            </b>
            <When chat={chat} />
          </span>
          <span className="chat-second">
            <LastLine chat={chat} />
            {unread > 0 ? <Badge count={unread} /> : null}
          </span>
        </span>
      </a>
      <span className="chat-tools">
        {number ? (
          <kbd className="chat-number" aria-hidden="true">
            {number}
          </kbd>
        ) : null}
        {maySplit && !shown && panes.length > 0 ? (
          <IconButton size="small" label={texts.inbox.beside} keys="b" onPress={() => onBeside(id)}>
            <Columns2 size={15} />
          </IconButton>
        ) : null}
        {over ? (
          <IconButton size="small" label={texts.composer.remove} onPress={() => live.dismiss(id)}>
            <X size={15} />
          </IconButton>
        ) : null}
      </span>
    </li>
  );
}

function Badge({ count }: { count: number }) {
  return (
    <span className="badge num">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="unseen">{texts.inbox.unreadLabel(count)}</span>
    </span>
  );
}

/** A visitor who waits for an answer for more than a minute is amber. */
const PATIENCE = 60_000;

function When({ chat }: { chat: Chat }) {
  const now = useNow(15_000);
  const last = lastMessage(chat.conversation.entries);
  const at = ms(last?.at ?? chat.conversation.at);
  if (!at) return null;
  const waiting = !chat.over && last !== undefined && isFromVisitor(last) && now - at > PATIENCE;
  return (
    <span className={waiting ? "chat-when waiting" : "chat-when"}>
      <Ago at={at} />
    </span>
  );
}

function LastLine({ chat }: { chat: Chat }) {
  const draft = useDraft(chat.conversation.id).trim();
  if (chat.visitorTyping) return <span className="clip chat-typing">{texts.inbox.typing}…</span>;
  if (draft && !chat.over) {
    return (
      <span className="clip" dir="auto">
        <em>{texts.inbox.yourDraft}</em> {draft}
      </span>
    );
  }
  const last = chat.unsent[chat.unsent.length - 1];
  const said = lastMessage(chat.conversation.entries);
  const text = last?.text ?? said?.text ?? texts.inbox.saidNothing;
  const mine = last !== undefined || said?.from === "rep";
  return (
    <span className="clip" dir="auto">
      {mine ? `${texts.inbox.fromYou} ` : ""}
      {text.slice(0, 160)}
    </span>
  );
}
