/** The page a rep lives in: list · conversations · visitor. */
import { MessagesSquare } from "lucide-react";
import { useMemo, useState } from "react";

import { chatName } from "../format";
import { type Command, useCommands } from "../frame/commands";
import { Blank } from "../kit/blank";
import { Dialog } from "../kit/dialog";
import { say } from "../kit/toast";
import { chatsOf, useChat, useLive, useLiveState } from "../live/use-live";
import { go, MOST_PANES } from "../route";
import { set, useSettings } from "../settings";
import { texts } from "../texts";
import { VisitorPanel } from "../visitor/panel";
import { endSoon } from "./endings";
import { ChatList } from "./list";
import { FOLDED, NARROW, useMedia } from "./media";
import { Pane, PaneSkeleton } from "./pane";
import { beside, show, without } from "./panes";
import { unreadCount } from "./timeline";
import { TransferDialog } from "./transfer-dialog";

export function Inbox({ panes }: { panes: readonly string[] }) {
  const narrow = useMedia(NARROW);
  const folded = useMedia(FOLDED);
  const { panel } = useSettings();
  const [wanted, setFocused] = useState<string | null>(null);
  const [drawer, setDrawer] = useState(false);
  const [transferring, setTransferring] = useState<string | null>(null);
  const shownPanes = narrow || folded ? panes.slice(-1) : panes;
  const focused = wanted !== null && shownPanes.includes(wanted) ? wanted : (shownPanes[0] ?? null);
  const chat = useChat(focused ?? "");
  const transferred = useChat(transferring ?? "");
  const asDrawer = folded || shownPanes.length > 1;
  const togglePanel = () => (asDrawer ? setDrawer(!drawer) : set({ panel: !panel }));
  const close = (id: string) => go({ page: "inbox", panes: without(panes, id) });
  useInboxKeys({
    panes: shownPanes,
    focused,
    setFocused,
    togglePanel,
    close,
    transfer: setTransferring,
  });
  const columns = !asDrawer && panel && chat ? "with-panel" : "";
  return (
    <div className={`inbox ${columns} ${panes.length ? "open" : "closed"}`}>
      <ChatList
        panes={shownPanes}
        focused={focused}
        maySplit={!folded}
        onBeside={(id) => {
          go({ page: "inbox", panes: beside(shownPanes, focused, id) });
          setFocused(id);
        }}
      />
      <main className={`panes of-${shownPanes.length}`} aria-label={texts.nav.inbox}>
        {shownPanes.map((id) => (
          <Pane
            key={id}
            id={id}
            focused={id === focused}
            several={shownPanes.length > 1}
            panelShown={asDrawer ? drawer && id === focused : panel}
            onFocus={() => setFocused(id)}
            onClose={() => close(id)}
            onTransfer={() => setTransferring(id)}
            onPanel={() => {
              setFocused(id);
              togglePanel();
            }}
          />
        ))}
        {shownPanes.length === 0 ? <NothingOpen /> : null}
      </main>
      {columns && chat ? (
        <aside className="panel" aria-label={texts.visitor.panel}>
          <VisitorPanel conversation={chat.conversation} over={chat.over !== null} editable />
        </aside>
      ) : null}
      <Dialog
        title={texts.visitor.panel}
        size="side"
        open={asDrawer && drawer && chat !== undefined}
        onClose={() => setDrawer(false)}
      >
        {chat ? (
          <div className="drawer">
            <VisitorPanel conversation={chat.conversation} over={chat.over !== null} editable />
          </div>
        ) : null}
      </Dialog>
      <TransferDialog
        conversation={transferred && !transferred.over ? transferred.conversation : null}
        onClose={() => setTransferring(null)}
      />
    </div>
  );
}

function NothingOpen() {
  const loaded = useLiveState((state) => state.loaded);
  const some = useLiveState(chatsOf).length > 0;
  if (!loaded) return <PaneSkeleton />;
  return some ? (
    <Blank icon={<MessagesSquare />} title={texts.inbox.pickTitle}>
      {texts.inbox.pickText}
    </Blank>
  ) : (
    <Blank icon={<MessagesSquare />} title={texts.inbox.emptyTitle}>
      {texts.inbox.emptyText}
    </Blank>
  );
}

interface Keys {
  panes: readonly string[];
  focused: string | null;
  setFocused: (id: string) => void;
  togglePanel: () => void;
  close: (id: string) => void;
  transfer: (id: string) => void;
}

/** What keys and the palette do here. */
function useInboxKeys({ panes, focused, setFocused, togglePanel, close, transfer }: Keys): void {
  const live = useLive();
  const chats = useLiveState(chatsOf);
  const [open, setOpen] = useState<readonly string[]>([]);
  const ids = chats.filter((chat) => !chat.over).map((chat) => chat.conversation.id);
  if (ids.join() !== open.join()) setOpen(ids);
  const paneKey = panes.join("+");
  const list = useMemo((): Command[] => {
    const words = texts.shortcuts;
    const panesNow = paneKey === "" ? [] : paneKey.split("+");
    const openIt = (id: string | undefined) => {
      if (id === undefined) return;
      go({ page: "inbox", panes: show(panesNow, focused, id) });
      setFocused(id);
    };
    const step = (by: number) => {
      const at = focused === null ? -1 : open.indexOf(focused);
      openIt(open[(at + by + open.length) % Math.max(1, open.length)]);
    };
    const nextUnread = () => {
      const unread = live
        .state()
        .chats.find(
          ({ conversation, over }) =>
            !over &&
            conversation.id !== focused &&
            unreadCount(conversation.entries, conversation.read) > 0,
        );
      openIt(unread?.conversation.id);
    };
    const besideNext = () => {
      const next = open.find((id) => !panesNow.includes(id));
      if (next === undefined) return;
      if (panesNow.length >= MOST_PANES) say(texts.inbox.paneLimit);
      else go({ page: "inbox", panes: beside(panesNow, focused, next) });
    };
    const reply = () =>
      document.querySelector<HTMLElement>(`[data-pane="${focused ?? ""}"] textarea`)?.focus();
    const commands: Command[] = [
      { id: "next", name: words.next, keys: "j", run: () => step(1) },
      { id: "previous", name: words.previous, keys: "k", run: () => step(-1) },
      { id: "arrow-next", name: words.next, keys: "ArrowDown", run: () => step(1), unlisted: true },
      {
        id: "arrow-previous",
        name: words.previous,
        keys: "ArrowUp",
        run: () => step(-1),
        unlisted: true,
      },
      { id: "unread", name: words.unread, keys: "u", run: nextUnread },
      { id: "beside", name: words.beside, keys: "b", run: besideNext },
      ...open.slice(0, 9).map((id, i) => ({
        id: `nth-${i}`,
        name: words.nth,
        keys: String(i + 1),
        run: () => openIt(id),
        unlisted: true,
      })),
    ];
    if (focused === null) return commands;
    return [
      ...commands,
      { id: "reply", name: words.reply, keys: "r", run: reply },
      { id: "transfer", name: words.transfer, keys: "t", run: () => transfer(focused) },
      { id: "end", name: words.end, keys: "e", run: () => endSoon(live, focused) },
      { id: "panel", name: words.panel, keys: "i", run: togglePanel },
      { id: "close-pane", name: words.closePane, keys: "x", run: () => close(focused) },
    ];
  }, [live, open, paneKey, focused, setFocused, togglePanel, close, transfer]);
  useCommands(list);
}

/** The conversations as commands of the palette, by name. */
export function useChatCommands(): void {
  const chats = useLiveState(chatsOf);
  const [names, setNames] = useState("");
  const now = JSON.stringify(
    chats.map((chat) => [chat.conversation.id, chatName(chat.conversation)]),
  );
  if (now !== names) setNames(now);
  const list = useMemo(
    () =>
      (JSON.parse(names || "[]") as [string, string][]).map(([id, name]) => ({
        id: `chat-${id}`,
        name: texts.palette.openChat(name),
        run: () => go({ page: "inbox", panes: [id] }),
      })),
    [names],
  );
  useCommands(list);
}
