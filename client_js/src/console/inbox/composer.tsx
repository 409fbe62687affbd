/** Where a rep writes. Nothing is sent blind (CH-6): while entries are missing, or new ones are
 * below what is seen, Enter says so instead. */
import { ArrowUp, EyeOff, WifiOff } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useState,
} from "react";

import { IconButton } from "../kit/button";
import type { Chat } from "../live/live";
import { linkOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { setDraft, useDraft } from "./drafts";

export const LONGEST = 4000;
const LINE = 22;
const LINES = 8;

interface Props {
  chat: Chat;
  who: string;
  /** New messages below what is seen. */
  below: number;
  toEnd: () => void;
  onSent: () => void;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function Composer({ chat, who, below, toEnd, onSent, field }: Props) {
  const live = useLive();
  const link = useLiveState(linkOf);
  const { id } = chat.conversation;
  const draft = useDraft(id);
  const text = draft.trim();
  const excess = text.length - LONGEST;
  const held = chat.behind !== null || link.phase !== "online";
  /** The rep wanted to send while that had to wait: they may not have seen that it did. */
  const [isWaiting, setWaiting] = useState(false);
  useGrowing(field, draft);
  useEffect(() => () => live.typing(id, false), [live, id]);
  const send = () => {
    if (text === "" || excess > 0) return;
    setWaiting(held);
    if (held) return;
    if (below > 0) {
      toEnd();
      return;
    }
    live.send(id, text);
    setDraft(id, "");
    onSent();
  };
  const write = (next: string) => {
    setDraft(id, next);
    live.typing(id, next.trim() !== "");
  };
  return (
    <div className="composer">
      <Guard
        chat={chat}
        online={link.phase === "online"}
        below={text ? below : 0}
        isUnsent={isWaiting && text !== ""}
      />
      <div className="composer-box">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={draft}
          aria-label={texts.composer.label(who)}
          placeholder={texts.composer.placeholder}
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => onKey(event, send)}
        />
        <Count excess={excess} />
        <IconButton
          look={text && !held ? "primary" : "quiet"}
          label={texts.composer.send}
          keys="Enter"
          place="top"
          isDisabled={held || text === "" || excess > 0}
          onPress={() => {
            send();
            field.current?.focus();
          }}
        >
          <ArrowUp size={18} />
        </IconButton>
      </div>
    </div>
  );
}

function onKey(event: KeyboardEvent<HTMLTextAreaElement>, send: () => void): void {
  if (event.key === "Escape") event.currentTarget.blur();
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
  // Enter also ends the composition of a Japanese or Chinese word.
  if (event.nativeEvent.isComposing) return;
  event.preventDefault();
  send();
}

interface GuardProps {
  chat: Chat;
  online: boolean;
  below: number;
  isUnsent: boolean;
}

/** Why sending waits, if it does; or that it waited, and nothing was sent. */
function Guard({ chat, online, below, isUnsent }: GuardProps) {
  const words = texts.composer;
  if (!online) return <GuardLine icon={<WifiOff size={14} />}>{words.offline}</GuardLine>;
  if (chat.behind !== null) {
    return (
      <GuardLine icon={<EyeOff size={14} />}>
        {chat.behind > 0 ? words.behind(chat.behind) : words.behindUnknown}
      </GuardLine>
    );
  }
  if (below > 0) return <GuardLine icon={<EyeOff size={14} />}>{words.unseen(below)}</GuardLine>;
  if (isUnsent) return <GuardLine icon={<ArrowUp size={14} />}>{words.unsent}</GuardLine>;
  return null;
}

function GuardLine({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="guard with-icon" role="status">
      {icon}
      <span>{children}</span>
    </p>
  );
}

function Count({ excess }: { excess: number }) {
  if (excess < -400) return null;
  return (
    <span className={excess > 0 ? "composer-count num bad" : "composer-count num"} role="status">
      {excess > 0 ? texts.composer.tooLong(excess) : texts.composer.left(-excess)}
    </span>
  );
}

/** As high as the text, from one line to eight. */
function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    if (field.current !== null) fit(field.current);
  }, [field, text]);
}

function fit(element: HTMLTextAreaElement): void {
  element.style.height = "auto";
  element.style.height = `${Math.min(element.scrollHeight, LINE * LINES + 16)}px`;
}
