import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { VisitorState } from "../../client/index.ts";
import type { Conversation } from "../../protocol/index.ts";
import type { Model } from "../model.ts";
import { type Screen, isReconnecting, isRepLost, lastRep, screenOf } from "../screen.ts";
import { Composer } from "./Composer.tsx";
import { keepFocusInside, useFullScreen, useViewport } from "./focus.ts";
import { Head } from "./Head.tsx";
import { CheckIcon, OfflineIcon } from "./icons.tsx";
import { LeaveForm } from "./LeaveForm.tsx";
import { Log } from "./Log.tsx";
import { Ringing } from "./Ringing.tsx";
import { useStore } from "./use.ts";

export function Panel({ model }: { model: Model }) {
  const state = useStore(model.client.store);
  const screen = screenOf(state);
  const box = useRef<HTMLDivElement>(null);
  const isFullScreen = useFullScreen();
  useViewport(box, isFullScreen);
  useFirstFocus(model, box, isFullScreen);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") model.close();
    else if (isFullScreen && box.current) keepFocusInside(event, box.current);
  };
  return (
    <div
      class="panel"
      ref={box}
      role="dialog"
      aria-modal={isFullScreen}
      aria-label={model.settings.name || model.texts.say("chat")}
      onKeyDown={onKeyDown}
    >
      <Head model={model} screen={screen} />
      <Banners model={model} state={state} />
      <Body model={model} state={state} screen={screen} />
    </div>
  );
}

/** On a phone the keyboard would cover half of what was opened, so the field isn't focused there. */
function useFirstFocus(
  model: Model,
  box: { current: HTMLDivElement | null },
  isFullScreen: boolean,
) {
  useEffect(() => {
    if (!model.panel.state.isFocusWanted) return;
    const field = isFullScreen ? null : box.current?.querySelector<HTMLElement>("textarea, input");
    (field ?? box.current?.querySelector<HTMLElement>("h2"))?.focus();
    model.panel.set({ isFocusWanted: false });
  }, []);
}

interface Shown {
  model: Model;
  state: VisitorState;
}

function Banners({ model, state }: Shown) {
  const { isEndAsked } = useStore(model.panel);
  const { say } = model.texts;
  const { conversation } = state;
  const isLost = conversation?.state === "active" && isRepLost(conversation);
  return (
    <>
      {isReconnecting(state) && (
        <p class="banner trouble late" role="status">
          <span class="spinner" aria-hidden="true" />
          {say("reconnecting")}
        </p>
      )}
      {state.behind && !isReconnecting(state) && <p class="banner late">{say("behind")}</p>}
      {isLost && !isReconnecting(state) && (
        <p class="banner waiting">{say("lostNext", { name: conversation.rep?.name ?? "" })}</p>
      )}
      {model.isStorageBlocked && <p class="banner">{say("storageBlocked")}</p>}
      {isEndAsked && conversation?.state === "active" && <EndAsked model={model} />}
    </>
  );
}

function EndAsked({ model }: { model: Model }) {
  const { say } = model.texts;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("button")?.focus(), []);
  return (
    <div class="banner ask" ref={box} role="alertdialog" aria-label={say("endAsk")}>
      <p>{say("endAsk")}</p>
      <button type="button" class="danger" onClick={() => model.end()}>
        {say("end")}
      </button>
      <button type="button" class="quiet" onClick={() => model.panel.set({ isEndAsked: false })}>
        {say("keep")}
      </button>
    </div>
  );
}

function Body({ model, state, screen }: Shown & { screen: Screen }) {
  const { conversation, pending, typing, asking } = state;
  switch (screen) {
    case "welcome":
      return <Welcome model={model} state={state} />;
    case "unreachable":
      return <Unreachable model={model} />;
    case "missed":
      return conversation ? (
        <div class="scroll">
          <LeaveForm model={model} conversation={conversation} />
        </div>
      ) : null;
    case "left":
      return conversation ? <Thanks model={model} conversation={conversation} /> : null;
  }
  const first = asking && {
    ...asking,
    conversation: "",
    at: Date.now(),
    state: "sending" as const,
  };
  return (
    <>
      <Log
        model={model}
        conversation={asking === undefined ? conversation : undefined}
        pending={first === undefined ? pending : [first]}
        typing={typing}
      />
      {screen === "ringing" && <Ringing model={model} />}
      {screen === "closed" && conversation && <Ended model={model} conversation={conversation} />}
      {screen !== "closed" && <Composer model={model} isHeld={screen === "asking"} />}
    </>
  );
}

function Welcome({ model, state: { desk } }: Shown) {
  const { say } = model.texts;
  const hello = { available: "helloAvailable", busy: "helloBusy", away: "helloAway" } as const;
  return (
    <>
      <div class="scroll welcome">
        {desk && (
          <p class="said">
            <span class="bubble">{say(hello[desk.state])}</span>
          </p>
        )}
      </div>
      <Composer model={model} />
    </>
  );
}

function Unreachable({ model }: { model: Model }) {
  const { say } = model.texts;
  const tryNow = () => {
    if (model.visitor.connection.state === "stopped") void model.client.start();
    else model.client.check();
  };
  return (
    <Notice icon={<OfflineIcon />} title={say("unreachable")} text={say("unreachableText")}>
      <button type="button" class="primary" onClick={tryNow}>
        {say("tryNow")}
      </button>
    </Notice>
  );
}

function Thanks({ model, conversation }: { model: Model; conversation: Conversation }) {
  const { say } = model.texts;
  const left = conversation.entries.findLast((entry) => entry.type === "left");
  return (
    <Notice
      icon={<CheckIcon />}
      title={say("thanks")}
      text={say("thanksText", { email: left?.email ?? "" })}
    >
      <button type="button" class="secondary" onClick={() => model.client.dismiss()}>
        {say("restart")}
      </button>
    </Notice>
  );
}

interface NoticeProps {
  icon: ComponentChildren;
  title: string;
  text: string;
  children: ComponentChildren;
}

function Notice({ icon, title, text, children }: NoticeProps) {
  return (
    <div class="scroll notice" role="status">
      <span class="notice-icon">{icon}</span>
      <h3>{title}</h3>
      <p class="lead" dir="auto">
        {text}
      </p>
      {children}
    </div>
  );
}

function Ended({ model, conversation }: { model: Model; conversation: Conversation }) {
  const { say } = model.texts;
  const closed = conversation.entries.findLast((entry) => entry.type === "closed");
  const name = lastRep(conversation)?.name ?? "";
  const words =
    closed?.by === "visitor"
      ? say("endedByYou")
      : closed?.by === "rep" && name
        ? say("endedBy", { name })
        : say("ended");
  return (
    <div class="ended" role="status">
      <p>{words}</p>
      <button type="button" class="secondary" onClick={() => model.client.dismiss()}>
        {say("restart")}
      </button>
    </div>
  );
}
