/** The ring as a bar across a page where the list isn't seen. */
import { visitorName } from "../format";
import { Button } from "../kit/button";
import { ringsOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { decline, start } from "./actions";
import { ringing } from "./attention";
import { Countdown } from "./countdown";
import { ringPlace, ringReason } from "./words";

export function RingBar() {
  const live = useLive();
  const rings = ringing(useLiveState(ringsOf));
  const skew = useLiveState((state) => state.skew);
  const ring = rings[0];
  if (!ring) return null;
  const { offer } = ring;
  const name = visitorName(offer.visitor);
  const more = rings.length - 1;
  return (
    <section className="ring-bar" aria-label={texts.ring.list}>
      <p className="unseen" role="alert">
        {texts.ring.announce(name)}
      </p>
      <Countdown key={offer.conversation} ring={ring} skew={skew} />
      <div className="ring-who">
        <h2 className="clip" dir="auto">
          {name}
          {more > 0 ? <span className="meta"> · {texts.ring.more(more)}</span> : null}
        </h2>
        <p className="clip">{[ringPlace(offer), ringReason(offer)].filter(Boolean).join(" · ")}</p>
      </div>
      <Button look="quiet" size="small" onPress={() => void decline(live, offer.conversation)}>
        {texts.ring.decline}
      </Button>
      <Button
        look="primary"
        isDisabled={ring.starting}
        keys="Enter"
        onPress={() => void start(live, offer.conversation)}
      >
        {ring.starting ? texts.ring.starting : texts.ring.start}
      </Button>
    </section>
  );
}
