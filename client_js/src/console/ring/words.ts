/** What a ring says: on the card, in the notification, to readers. Pure. */
import type { Offer } from "../../protocol/index.ts";
import { lead, ms, place, shortUrl, visitorName } from "../format";
import type { RingEnd } from "../live/live";
import { texts } from "../texts";

/** Company and place, whichever are known and not already in the name. */
export function ringPlace(offer: Offer): string {
  const about = offer.visitor;
  const name = visitorName(about);
  const where = place(about);
  const parts = [about.company, name.includes(about.location?.city || "\u0000") ? "" : where];
  return parts.filter(Boolean).join(" · ");
}

export function ringPage(offer: Offer): string {
  const page = offer.visitor.page;
  if (!page) return "";
  return page.title || shortUrl(page.url);
}

/** How it came to ring here. */
export function ringReason(offer: Offer): string {
  if (offer.why === "transfer") {
    return offer.by ? texts.ring.transfer(offer.by.name) : texts.ring.transferPlain;
  }
  if (offer.why === "rep_lost") return texts.ring.repLost;
  if (offer.why === "again") return texts.ring.again;
  return offer.reason;
}

/** The sentence of a card whose ring has ended. */
export function endWords(end: RingEnd, who: string): string {
  if (end.why === "claimed") {
    if (!end.by) return texts.ring.claimedUnknown;
    if (end.leadMs === undefined) return texts.ring.claimed(end.by.name);
    const by = lead(end.leadMs);
    return by ? texts.ring.lostLead(end.by.name, by) : texts.ring.lostClose(end.by.name);
  }
  return {
    expired: texts.ring.expired,
    cancelled: texts.ring.cancelled(who),
    declined: texts.ring.declined,
    rerouted: texts.ring.rerouted,
    away: texts.ring.away,
    full: texts.ring.filled,
    gone: texts.ring.gone,
  }[end.why];
}

/** Seconds left and the part of the circle that is left (1 to 0). */
export function countdown(offer: Offer, since: number, now: number, skew: number) {
  const end = ms(offer.expires_at) - skew;
  const total = Math.max(1000, end - since);
  const left = Math.max(0, end - now);
  return { seconds: Math.ceil(left / 1000), part: Math.min(1, left / total), left, total };
}
