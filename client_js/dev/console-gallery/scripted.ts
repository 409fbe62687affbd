/** A live desk that does what it is told, without a server. */
import type { Live, LiveState } from "../../src/console/live/live";

export function scripted(first: LiveState): Live {
  let state = first;
  const listeners = new Set<() => void>();
  const set = (change: Partial<LiveState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  const done = () => Promise.resolve();
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setAvailability: (availability) => {
      set({ availability });
      return done();
    },
    seen: () => undefined,
    claim: () => Promise.resolve(true),
    decline: (id) => {
      set({ rings: state.rings.filter((ring) => ring.offer.conversation !== id) });
      return done();
    },
    // Finished rings stay, to be looked at.
    forgetRing: () => undefined,
    send: (id, text) =>
      set({
        chats: state.chats.map((chat) =>
          chat.conversation.id === id
            ? {
                ...chat,
                unsent: [
                  ...chat.unsent,
                  { clientId: String(Math.random()), text, at: Date.now(), state: "sending" },
                ],
              }
            : chat,
        ),
      }),
    sendAgain: () => undefined,
    discard: () => undefined,
    typing: () => undefined,
    read: () => undefined,
    transfer: done,
    close: done,
    dismiss: (id) => set({ chats: state.chats.filter((chat) => chat.conversation.id !== id) }),
    forgetNotice: (key) => set({ notices: state.notices.filter((notice) => notice.key !== key) }),
    reconnect: () => set({ link: { phase: "online" } }),
  };
}
