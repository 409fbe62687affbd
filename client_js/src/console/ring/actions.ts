/** Starting and declining, the same from the card, the bar, a key and the palette. */
import { say } from "../kit/toast";
import { show } from "../inbox/panes";
import type { Live, Ring } from "../live/live";
import { currentRoute, go } from "../route";
import { texts } from "../texts";

/** Claims, and opens the conversation if this rep won. Losing is shown on the card, not here. */
export async function start(live: Live, conversation: string): Promise<void> {
  try {
    if (!(await live.claim(conversation))) return;
    const route = currentRoute();
    const panes = route.page === "inbox" ? route.panes : [];
    go({ page: "inbox", panes: show(panes, panes[panes.length - 1] ?? null, conversation) });
  } catch (error) {
    explain(error);
  }
}

export async function decline(live: Live, conversation: string): Promise<void> {
  try {
    await live.decline(conversation);
  } catch (error) {
    explain(error);
  }
}

const SHOWN_ON_CARD = new Set(["already_claimed", "gone", "not_offered"]);

function explain(error: unknown): void {
  const code = codeOf(error);
  if (SHOWN_ON_CARD.has(code)) return;
  say(code === "at_capacity" ? texts.ring.full : texts.ring.failed, { bad: true });
}

export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** The ring that a key means: the oldest that still goes on. */
export const first = (rings: readonly Ring[]): Ring | undefined =>
  rings.find((ring) => ring.ended === null && !ring.starting);
