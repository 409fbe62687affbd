/** The one loud thing on the screen: who waits, why here, how long, and one large button. */
import { Globe, Quote } from "lucide-react";
import { useEffect, useRef } from "react";

import { ms, visitorName } from "../format";
import { Avatar } from "../kit/avatar";
import { Button } from "../kit/button";
import { Ago } from "../kit/now";
import type { Ring } from "../live/live";
import { useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { decline, start } from "./actions";
import { Countdown } from "./countdown";
import { endWords, ringPage, ringPlace, ringReason } from "./words";

/** How long a finished ring stays readable. */
const FADE = 4000;

export function RingCard({ ring, first }: { ring: Ring; first: boolean }) {
  useSeen(ring);
  const name = visitorName(ring.offer.visitor);
  if (ring.ended) return <EndedCard ring={ring} text={endWords(ring.ended, name)} />;
  return (
    <article className="ring-card" aria-label={name}>
      <RingHead ring={ring} />
      <RingFacts ring={ring} />
      <RingButtons ring={ring} first={first} />
    </article>
  );
}

function RingHead({ ring }: { ring: Ring }) {
  const { visitor } = ring.offer;
  const skew = useLiveState(skewOf);
  const name = visitorName(visitor);
  const where = ringPlace(ring.offer);
  return (
    <header className="ring-head">
      <Avatar id={visitor.id} name={name} size={40} unnamed={!visitor.name && !visitor.email} />
      <div className="ring-who">
        <h2 className="clip" dir="auto" title={name}>
          {name}
        </h2>
        {where ? <p className="clip">{where}</p> : null}
      </div>
      <Countdown ring={ring} skew={skew} />
    </header>
  );
}

function RingFacts({ ring }: { ring: Ring }) {
  const { offer } = ring;
  const page = ringPage(offer);
  return (
    <div className="ring-facts">
      <p className="ring-why">{ringReason(offer)}</p>
      {page ? (
        <p className="with-icon clip">
          <Globe size={14} aria-hidden="true" />
          <span className="clip" title={offer.visitor.page?.url}>
            {page}
          </span>
        </p>
      ) : null}
      {offer.note || offer.text ? (
        <p className="with-icon ring-text">
          <Quote size={14} aria-hidden="true" />
          <span dir="auto">{offer.note || offer.text}</span>
        </p>
      ) : null}
    </div>
  );
}

function RingButtons({ ring, first }: { ring: Ring; first: boolean }) {
  const live = useLive();
  const { conversation } = ring.offer;
  return (
    <footer className="ring-buttons">
      <Button
        look="primary"
        size="large"
        wide
        isDisabled={ring.starting}
        {...(first ? { keys: "Enter" } : {})}
        onPress={() => void start(live, conversation)}
      >
        {ring.starting ? texts.ring.starting : texts.ring.start}
      </Button>
      <Button look="quiet" size="small" onPress={() => void decline(live, conversation)}>
        {texts.ring.decline}
      </Button>
    </footer>
  );
}

function EndedCard({ ring, text }: { ring: Ring; text: string }) {
  const live = useLive();
  const { conversation, visitor, requested_at } = ring.offer;
  useEffect(() => {
    const timer = setTimeout(() => live.forgetRing(conversation), FADE);
    return () => clearTimeout(timer);
  }, [live, conversation]);
  return (
    <article className="ring-card ended" aria-label={visitorName(visitor)}>
      <div className="ring-who">
        <h2 className="clip" dir="auto">
          {visitorName(visitor)}
          <span className="meta">
            {" "}
            <Ago at={ms(requested_at)} />
          </span>
        </h2>
        <p role="status">{text}</p>
      </div>
    </article>
  );
}

/** Others ringing at the same time, in one line each. */
export function RingLine({ ring }: { ring: Ring }) {
  const live = useLive();
  const skew = useLiveState(skewOf);
  useSeen(ring);
  const { visitor, conversation } = ring.offer;
  const name = visitorName(visitor);
  if (ring.ended) return <EndedCard ring={ring} text={endWords(ring.ended, name)} />;
  return (
    <article className="ring-line" aria-label={name}>
      <Countdown ring={ring} skew={skew} />
      <div className="ring-who">
        <h2 className="clip" dir="auto">
          {name}
        </h2>
        <p className="clip">{ringReason(ring.offer)}</p>
      </div>
      <Button
        look="primary"
        size="small"
        isDisabled={ring.starting}
        aria-label={`${texts.ring.start}: ${name}`}
        onPress={() => void start(live, conversation)}
      >
        {texts.ring.startShort}
      </Button>
    </article>
  );
}

/** Tells the server once that the card was on a visible screen. */
function useSeen(ring: Ring): void {
  const live = useLive();
  const told = useRef("");
  const { conversation, requested_at } = ring.offer;
  const ended = ring.ended !== null;
  useEffect(() => {
    const tell = () => {
      if (ended || document.visibilityState !== "visible" || told.current === requested_at) return;
      told.current = requested_at;
      live.seen(conversation);
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [live, conversation, requested_at, ended]);
}

const skewOf = (state: { skew: number }) => state.skew;
