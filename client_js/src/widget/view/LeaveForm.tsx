import { useRef, useState } from "preact/hooks";

import type { Conversation } from "../../protocol/index.ts";
import type { Model } from "../model.ts";
import { useStore } from "./use.ts";

/** The server asks for the same; here it is only to help while typing. */
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;

/** Nobody came: an address and a message (RT-6). The message starts with what was written already. */
export function LeaveForm({ model, conversation }: { model: Model; conversation: Conversation }) {
  const { leaving } = useStore(model.panel);
  const [email, setEmail] = useState("");
  const [text, setText] = useState(() => written(conversation));
  const [isTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { say } = model.texts;
  const isEmailWrong = isTried && !ADDRESS.test(email.trim());
  const isTextMissing = isTried && text.trim() === "";
  const onSubmit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    if (!ADDRESS.test(email.trim())) form.current?.querySelector("input")?.focus();
    else if (text.trim() === "") form.current?.querySelector("textarea")?.focus();
    else void model.leave(email.trim(), text.trim());
  };
  return (
    <form class="leave" ref={form} onSubmit={onSubmit} noValidate>
      <h3>{say("missedTitle")}</h3>
      <p class="lead">{say("missedText")}</p>
      <label for="email">{say("email")}</label>
      <input
        id="email"
        type="email"
        autocomplete="email"
        maxLength={254}
        value={email}
        aria-invalid={isEmailWrong}
        aria-describedby={isEmailWrong ? "email-wrong" : undefined}
        onInput={(event) => setEmail(event.currentTarget.value)}
      />
      {isEmailWrong && <Wrong id="email-wrong" words={say("emailWrong")} />}
      <label for="message">{say("message")}</label>
      <textarea
        id="message"
        rows={5}
        dir="auto"
        maxLength={4000}
        value={text}
        aria-invalid={isTextMissing}
        aria-describedby={isTextMissing ? "message-wrong" : undefined}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {isTextMissing && <Wrong id="message-wrong" words={say("messageMissing")} />}
      {leaving === "failed" && <Wrong id="leave-wrong" words={say("leaveFailed")} />}
      <button type="submit" class="primary" disabled={leaving === "sending"}>
        {say(leaving === "sending" ? "sending" : "leave")}
      </button>
    </form>
  );
}

function Wrong({ id, words }: { id: string; words: string }) {
  return (
    <p class="wrong" id={id} role="alert">
      {words}
    </p>
  );
}

function written(conversation: Conversation): string {
  const mine = conversation.entries.flatMap((entry) =>
    entry.type === "message" && entry.from === "visitor" ? [entry.text] : [],
  );
  return mine.join("\n").slice(0, 4000);
}
