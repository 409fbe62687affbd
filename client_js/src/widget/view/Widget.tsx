import { useEffect, useRef, useState } from "preact/hooks";

import type { Message } from "../../protocol/index.ts";
import type { Model } from "../model.ts";
import { ChatIcon, DownIcon } from "./icons.tsx";
import { Panel } from "./Panel.tsx";
import { useStore } from "./use.ts";

export function Widget({ model, hasFocus }: { model: Model; hasFocus: boolean }) {
  const { isOpen } = useStore(model.panel);
  const theme = model.settings.theme;
  return (
    <div
      class={`widget ${theme} ${model.settings.side} ${isOpen ? "is-open" : ""}`}
      lang={model.texts.language}
    >
      <Announcer model={model} />
      {isOpen && <Panel model={model} />}
      <Launcher model={model} hasFocus={hasFocus} />
    </div>
  );
}

function Launcher({ model, hasFocus }: { model: Model; hasFocus: boolean }) {
  const { isOpen, isFocusWanted } = useStore(model.panel);
  useStore(model.client.store);
  const button = useRef<HTMLButtonElement>(null);
  const { say } = model.texts;
  const unread = isOpen ? 0 : model.unread;
  useEffect(() => {
    if (hasFocus) button.current?.focus();
  }, []);
  // Where the panel was, the focus goes back to what opened it.
  useEffect(() => {
    if (isOpen || !isFocusWanted) return;
    button.current?.focus();
    model.panel.set({ isFocusWanted: false });
  }, [isOpen, isFocusWanted]);
  const label = isOpen
    ? say("close")
    : unread > 0
      ? `${say("open")}, ${say("unread", { n: unread })}`
      : say("open");
  return (
    <button
      ref={button}
      type="button"
      class="launcher"
      aria-label={label}
      aria-expanded={isOpen}
      onClick={() => model.toggle()}
    >
      {isOpen ? <DownIcon /> : <ChatIcon />}
      {unread > 0 && <span class="badge">{unread > 9 ? "9+" : unread}</span>}
    </button>
  );
}

/** Says new messages to screen readers while the panel, and its log with it, is closed. */
function Announcer({ model }: { model: Model }) {
  const [words, say] = useState("");
  useEffect(
    () =>
      model.client.on("message", (message: Message) => {
        if (!model.panel.state.isOpen) say(`${message.rep?.name ?? ""}: ${message.text}`);
      }),
    [model],
  );
  return (
    <div class="hidden" role="status" aria-live="polite">
      {words}
    </div>
  );
}
