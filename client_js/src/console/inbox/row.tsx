/** One row of a conversation's log. */
import { useState } from "react";

import { clock, fully } from "../format";
import { Button } from "../kit/button";
import { texts } from "../texts";
import { eventWords } from "./events";
import { linked } from "./links";
import type { MessageRow, Row } from "./timeline";

export interface RowActions {
  sendAgain: (clientId: string) => void;
  discard: (clientId: string) => void;
}

/** Longer messages are folded: one paste must not bury a conversation. */
const FOLD_LINES = 24;
const FOLD_LETTERS = 1500;

export function RowView({ row }: { row: Exclude<Row, MessageRow> }) {
  if (row.kind === "unread") {
    return (
      <div className="row-unread" role="separator">
        <span>{texts.chat.unread}</span>
      </div>
    );
  }
  if (row.kind === "day") {
    return (
      <div className="row-day">
        <span>{row.text}</span>
      </div>
    );
  }
  const { line, note } = eventWords(row.entry);
  return (
    <div className="row-event" title={fully(row.at)}>
      <p dir="auto">
        {line} <time className="num">{clock(row.at)}</time>
      </p>
      {note ? (
        <p className="row-note" dir="auto">
          {note}
        </p>
      ) : null}
    </div>
  );
}

export function MessageRowView({ row, actions }: { row: MessageRow; actions?: RowActions }) {
  const side = row.mine ? "mine" : "theirs";
  const place = [row.first ? "first" : "", row.last ? "last" : ""].join(" ");
  return (
    <div className={`message ${side} ${place} ${row.status}`}>
      {row.first && row.author ? <p className="message-author">{row.author}</p> : null}
      <div className="message-line">
        <Body text={row.text} />
        <time
          className="message-time num"
          title={fully(row.at)}
          dateTime={new Date(row.at).toISOString()}
        >
          {clock(row.at)}
        </time>
      </div>
      <Status row={row} {...(actions ? { actions } : {})} />
    </div>
  );
}

function Body({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const lines = text.split("\n");
  const long = lines.length > FOLD_LINES || text.length > FOLD_LETTERS;
  const shown =
    long && !whole
      ? `${lines
          .slice(0, FOLD_LINES / 2)
          .join("\n")
          .slice(0, FOLD_LETTERS / 2)}…`
      : text;
  return (
    <div className="bubble">
      <div dir="auto" className="bubble-text">
        {linked(shown)}
      </div>
      {long ? (
        <Button size="small" look="quiet" onPress={() => setWhole(!whole)}>
          {whole ? texts.chat.showLess : texts.chat.showAll}
        </Button>
      ) : null}
    </div>
  );
}

function Status({ row, actions }: { row: MessageRow; actions?: RowActions }) {
  if (row.status === "") return null;
  if (row.status === "failed") {
    return (
      <p className="message-status bad" role="alert">
        {texts.chat.notSent}
        <Button size="small" look="quiet" onPress={() => actions?.sendAgain(row.clientId)}>
          {texts.tryAgain}
        </Button>
        <Button size="small" look="quiet" onPress={() => actions?.discard(row.clientId)}>
          {texts.chat.discard}
        </Button>
      </p>
    );
  }
  const words = {
    sending: texts.chat.sending,
    delivered: texts.chat.delivered,
    read: texts.chat.read,
  };
  return <p className="message-status">{words[row.status]}</p>;
}
