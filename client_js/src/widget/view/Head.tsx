import type { Model } from "../model.ts";
import { type Screen, isRepLost, lastRep } from "../screen.ts";
import type { Texts } from "../texts.ts";
import type { Desk } from "../../protocol/index.ts";
import { Avatar } from "./Avatar.tsx";
import { CloseIcon, EndIcon, SoundOffIcon, SoundOnIcon } from "./icons.tsx";
import { useStore } from "./use.ts";

/** The top of the panel: who is there, and what can be done to the whole. */
export function Head({ model, screen }: { model: Model; screen: Screen }) {
  return (
    // No header element: a page has one banner, and that is the page's own.
    <div class={`head ${screen === "welcome" ? "tall" : ""}`}>
      <div class="head-row">
        <Who model={model} screen={screen} />
        <Actions model={model} screen={screen} />
      </div>
      {screen === "welcome" && <Greeting model={model} />}
    </div>
  );
}

function Who({ model, screen }: { model: Model; screen: Screen }) {
  const { conversation } = useStore(model.client.store);
  const { say } = model.texts;
  const rep = conversation && (screen === "chat" || screen === "closed") && lastRep(conversation);
  const name = model.settings.name || say("chat");
  if (!rep) {
    return (
      <div class="who">
        <h2 tabIndex={-1}>{name}</h2>
      </div>
    );
  }
  const isAway = screen === "closed" || isRepLost(conversation);
  return (
    <div class="who">
      <span class={`presence ${isAway ? "" : "here"}`}>
        <Avatar person={rep} size="large" />
      </span>
      <div class="who-text">
        <h2 tabIndex={-1}>{rep.name}</h2>
        {model.settings.name && <p>{model.settings.name}</p>}
      </div>
    </div>
  );
}

function Actions({ model, screen }: { model: Model; screen: Screen }) {
  const { isSoundOn } = useStore(model.panel);
  const { say } = model.texts;
  const sound = say(isSoundOn ? "soundOff" : "soundOn");
  return (
    <div class="actions">
      <button
        type="button"
        class="icon"
        aria-label={sound}
        title={sound}
        onClick={() => model.setSound(!isSoundOn)}
      >
        {isSoundOn ? <SoundOnIcon /> : <SoundOffIcon />}
      </button>
      {screen === "chat" && (
        <button
          type="button"
          class="icon"
          aria-label={say("end")}
          title={say("end")}
          onClick={() => model.panel.set({ isEndAsked: true })}
        >
          <EndIcon />
        </button>
      )}
      <button
        type="button"
        class="icon"
        aria-label={say("close")}
        title={say("close")}
        onClick={() => model.close()}
      >
        <CloseIcon />
      </button>
    </div>
  );
}

function Greeting({ model }: { model: Model }) {
  const { desk } = useStore(model.client.store);
  return (
    <div class="greeting">
      <p class="greeting-title">{model.texts.say("title")}</p>
      <p class="availability">
        <span class={`dot ${desk?.state ?? ""}`} aria-hidden="true" />
        {availability(model.texts, desk)}
      </p>
    </div>
  );
}

/** Whether somebody is there, and how long it usually takes: only what is known. */
export function availability(texts: Texts, desk: Desk | undefined): string {
  if (desk === undefined) return texts.say("connecting");
  const usual = usualTime(texts, desk);
  return desk.state === "available" && usual
    ? texts.say("join", { a: texts.say("available"), b: usual })
    : texts.say(desk.state);
}

function usualTime(texts: Texts, { usual_seconds: seconds }: Desk): string {
  if (seconds === undefined) return "";
  if (seconds <= 60) return texts.say("usualMinute");
  return texts.say("usual", { time: texts.duration(Math.ceil(seconds / 60) * 60) });
}
