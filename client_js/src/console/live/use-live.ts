import { createContext, useContext, useRef, useSyncExternalStore } from "react";

import type { Chat, Live, LiveState } from "./live";

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("The live desk is used outside of its provider.");
  return live;
}

/** A part of the live state; draws again only when that part is another value. */
export function useLiveState<Part>(pick: (state: LiveState) => Part): Part {
  const live = useLive();
  const last = useRef<{ state: LiveState; pick: typeof pick; part: Part } | null>(null);
  return useSyncExternalStore(live.subscribe, () => {
    const state = live.state();
    if (last.current?.state !== state || last.current.pick !== pick) {
      last.current = { state, pick, part: pick(state) };
    }
    return last.current.part;
  });
}

export function useChat(id: string): Chat | undefined {
  const chats = useLiveState(chatsOf);
  return chats.find((chat) => chat.conversation.id === id);
}

export const chatsOf = (state: LiveState) => state.chats;
export const ringsOf = (state: LiveState) => state.rings;
export const linkOf = (state: LiveState) => state.link;
export const presenceOf = (state: LiveState) => state.presence;
