/** Says that the connection is lost, and when it is tried again. */
import { CloudOff } from "lucide-react";

import { useLate } from "../kit/blank";
import { Button } from "../kit/button";
import { useNow } from "../kit/now";
import type { Link } from "../live/live";
import { linkOf, useLive, useLiveState } from "../live/use-live";
import { texts } from "../texts";

export function LinkBanner() {
  const link = useLiveState(linkOf);
  if (link.phase === "online" || link.phase === "connecting") return null;
  if (link.phase === "stopped") return <Stopped why={link.why} />;
  return <Waiting retryAt={link.retryAt} />;
}

/** A short loss heals before anybody has read about it. */
function Waiting({ retryAt }: { retryAt: number }) {
  const live = useLive();
  const late = useLate(600);
  const now = useNow(1000);
  const seconds = Math.ceil((retryAt - now) / 1000);
  if (!late) return null;
  return (
    <div className="banner" role="status">
      <CloudOff size={16} aria-hidden="true" />
      <span>
        <b className="num">{seconds > 0 ? texts.link.waiting(seconds) : texts.link.trying}</b>{" "}
        {texts.link.keep}
      </span>
      <Button size="small" isDisabled={seconds <= 0} onPress={() => live.reconnect()}>
        {texts.link.now}
      </Button>
    </div>
  );
}

function Stopped({ why }: { why: Extract<Link, { phase: "stopped" }>["why"] }) {
  const live = useLive();
  if (why === "signed_out") return null;
  const elsewhere = why === "elsewhere";
  return (
    <div className="banner" role="alert">
      <CloudOff size={16} aria-hidden="true" />
      <b>{elsewhere ? texts.link.elsewhere : texts.link.refused}</b>
      <Button size="small" onPress={() => (elsewhere ? live.reconnect() : location.reload())}>
        {elsewhere ? texts.link.elsewhereAction : texts.link.refusedAction}
      </Button>
    </div>
  );
}
