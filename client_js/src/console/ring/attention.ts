/** Makes a ring noticed wherever the rep looks: tab, sound, desktop. */
import { useEffect, useMemo, useSyncExternalStore } from "react";

import { visitorName } from "../format";
import { unreadCount } from "../inbox/timeline";
import type { Ring } from "../live/live";
import { chatsOf, ringsOf, useLiveState } from "../live/use-live";
import { go } from "../route";
import { useSettings } from "../settings";
import { texts } from "../texts";
import { isLeading, lead, onLeading } from "./leader";
import { keep, show } from "./notification";
import { chime, REPEAT, unlock } from "./sound";
import { showOnTab } from "./tab";
import { ringPlace, ringReason } from "./words";

export const ringing = (rings: readonly Ring[]) => rings.filter((ring) => ring.ended === null);

export function useUnread(): number {
  const chats = useLiveState(chatsOf);
  return useMemo(
    () =>
      chats.reduce(
        (sum, { conversation, over }) =>
          over ? sum : sum + unreadCount(conversation.entries, conversation.read),
        0,
      ),
    [chats],
  );
}

export function useAttention(page: string): void {
  const rings = ringing(useLiveState(ringsOf));
  const unread = useUnread();
  const count = rings.length;
  useEffect(() => showOnTab({ ringing: count, unread, page }), [count, unread, page]);
  useSound(count > 0);
  useNotifications(rings);
}

function useSound(on: boolean): void {
  const { sound, volume } = useSettings();
  const leading = useSyncExternalStore(onLeading, isLeading);
  useEffect(() => {
    lead();
    const wake = () => void unlock();
    window.addEventListener("pointerdown", wake);
    window.addEventListener("keydown", wake);
    return () => {
      window.removeEventListener("pointerdown", wake);
      window.removeEventListener("keydown", wake);
    };
  }, []);
  useEffect(() => {
    if (!on || !sound || !leading) return;
    void chime(volume);
    const timer = setInterval(() => void chime(volume), REPEAT);
    return () => clearInterval(timer);
  }, [on, sound, leading, volume]);
}

function useNotifications(rings: readonly Ring[]): void {
  const { notifications } = useSettings();
  const leading = useSyncExternalStore(onLeading, isLeading);
  useEffect(() => {
    keep(new Set(rings.map((ring) => ring.offer.conversation)));
    if (!notifications || !leading || document.hasFocus()) return;
    for (const { offer } of rings) {
      const body = [ringPlace(offer), ringReason(offer)].filter(Boolean).join("\n");
      show(offer.conversation, texts.ring.notification(visitorName(offer.visitor)), body, () =>
        go({ page: "inbox", panes: [] }),
      );
    }
  }, [rings, notifications, leading]);
}
