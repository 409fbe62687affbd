import { useEffect, useRef } from "preact/hooks";

import type { Model } from "../model.ts";
import { SendIcon } from "./icons.tsx";
import { useStore } from "./use.ts";

/** What one message may hold; from here on the room that is left is shown. */
const LONGEST = 4000;

/** Where the visitor writes. Enter sends, Shift and Enter make a line; `isHeld`: not just now. */
export function Composer({ model, isHeld = false }: { model: Model; isHeld?: boolean }) {
  const { draft } = useStore(model.panel);
  const field = useGrowing(draft);
  const { say } = model.texts;
  const over = draft.length - LONGEST;
  useEffect(() => {
    if (model.isWritingOn) field.current?.focus();
    model.isWritingOn = false;
  }, []);
  const send = () => {
    if (over <= 0 && !isHeld) model.send();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends the choice of Japanese characters; that one isn't for us.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="field">
        <textarea
          ref={field}
          rows={1}
          value={draft}
          dir="auto"
          placeholder={say("write")}
          aria-label={say("write")}
          aria-invalid={over > 0}
          onInput={(event) => model.write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="send"
          aria-label={say("send")}
          title={say("send")}
          disabled={draft.trim() === "" || over > 0 || isHeld}
        >
          <SendIcon />
        </button>
      </div>
      {over > 0 && (
        <p class="wrong" role="status">
          {say("tooLong", { n: over })}
        </p>
      )}
    </form>
  );
}

/** As high as its text, until the style sheet says enough. */
function useGrowing(text: string) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
  return field;
}
