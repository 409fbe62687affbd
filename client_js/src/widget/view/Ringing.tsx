import type { Model } from "../model.ts";
import { lastRequest, ringingWords } from "../screen.ts";
import { useNow, useStore } from "./use.ts";

/** It rings: for how long already, and a way out. */
export function Ringing({ model }: { model: Model }) {
  const { conversation, skew } = useStore(model.client.store);
  const now = useNow(true) + skew;
  const { say, duration } = model.texts;
  const request = conversation && lastRequest(conversation);
  const since = request === undefined ? now : Date.parse(request.at);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const words = ringingWords(request?.why, seconds);
  return (
    <div class="ringing">
      <span class="waves" aria-hidden="true">
        <i />
        <i />
      </span>
      <div class="ringing-text">
        {/* The words change three times in a minute, and are said; the seconds are only shown. */}
        <p class="ringing-title" role="status">
          {say(words)}
        </p>
        <p class="meta" aria-hidden="true">
          {say("waited", { time: duration(seconds) })}
        </p>
      </div>
      <button type="button" class="quiet" onClick={() => model.end()}>
        {say("cancel")}
      </button>
    </div>
  );
}
