/** Past conversations: a list to search, and what was said. */
import { useEffect, useRef, useState } from "react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Archive, SearchX } from "lucide-react";

import { conversationsQuery } from "../api/conversations";
import { meQuery, repsQuery } from "../api/people";
import { maySeeAll } from "../api/rights";
import type { PastConversation } from "../api/types";
import { chatName } from "../format";
import { Avatar } from "../kit/avatar";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button } from "../kit/button";
import { Finder } from "../kit/field";
import { Ago } from "../kit/now";
import { Select } from "../kit/select";
import { useSettled } from "../kit/settled";
import { address, replaceRoute } from "../route";
import { texts } from "../texts";
import { PastView } from "./past-view";

const words = texts.history;
type StateFilter = keyof typeof words.states;
const ROW = 72;

export function HistoryPage({
  conversation,
  query,
}: {
  conversation: string | null;
  query: string;
}) {
  const [state, setState] = useState<StateFilter>("all");
  const [rep, setRep] = useState("");
  const search = useSettled(query, 250);
  const past = useInfiniteQuery(
    conversationsQuery({ q: search, state: state === "all" ? "" : state, rep }),
  );
  const rows = past.data?.pages.flatMap((page) => page.conversations) ?? [];
  const filtered = Boolean(search || rep) || state !== "all";
  const clear = () => {
    setState("all");
    setRep("");
    replaceRoute({ page: "history", conversation, query: "" });
  };
  return (
    <div className={`split-page ${conversation ? "open" : "closed"}`}>
      <aside className="list history-list" aria-label={words.title}>
        <header className="list-head">
          <h1>{words.title}</h1>
          <Finder
            label={words.search}
            placeholder={words.placeholder}
            value={query}
            onChange={(q) => replaceRoute({ page: "history", conversation, query: q })}
          />
          <Filters state={state} onState={setState} rep={rep} onRep={setRep} />
        </header>
        {past.error && rows.length === 0 ? (
          <Failing error={past.error} title={words.failing} retry={() => void past.refetch()} />
        ) : past.isPending ? (
          <Skeleton rows={8} height={ROW} words={texts.loading} />
        ) : rows.length === 0 ? (
          <Nothing filtered={filtered} onClear={clear} />
        ) : (
          <Rows
            rows={rows}
            open={conversation}
            query={query}
            more={past.hasNextPage}
            onMore={() => void past.fetchNextPage()}
          />
        )}
      </aside>
      <main className="panes" aria-label={words.messages}>
        {conversation ? (
          <PastView key={conversation} id={conversation} query={query} />
        ) : (
          <Blank icon={<Archive />} title={words.pickTitle}>
            {words.pickText}
          </Blank>
        )}
      </main>
    </div>
  );
}

interface FiltersProps {
  state: StateFilter;
  onState: (state: StateFilter) => void;
  rep: string;
  onRep: (rep: string) => void;
}

function Filters({ state, onState, rep, onRep }: FiltersProps) {
  const rights = useQuery(meQuery).data?.rights ?? [];
  const reps = useQuery(repsQuery).data ?? [];
  return (
    <div className="filters">
      <Select
        label={words.state}
        hideLabel
        value={state}
        choices={Object.entries(words.states).map(([id, name]) => ({ id, name }))}
        onChange={(id) => onState(id as StateFilter)}
      />
      {maySeeAll(rights) ? (
        <Select
          label={words.rep}
          hideLabel
          value={rep || "all"}
          choices={[
            { id: "all", name: words.everyone },
            ...reps.map(({ id, name }) => ({ id, name })),
          ]}
          onChange={(id) => onRep(id === "all" ? "" : id)}
        />
      ) : null}
    </div>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return filtered ? (
    <Blank
      icon={<SearchX />}
      title={words.noneTitle}
      action={<Button onPress={onClear}>{words.clear}</Button>}
    >
      {words.noneText}
    </Blank>
  ) : (
    <Blank icon={<Archive />} title={words.emptyTitle}>
      {words.emptyText}
    </Blank>
  );
}

interface RowsProps {
  rows: readonly PastConversation[];
  open: string | null;
  query: string;
  more: boolean;
  onMore: () => void;
}

function Rows({ rows, open, query, more, onMore }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer mutates itself
  const virtual = useVirtualizer({
    count: rows.length + (more ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const atEnd = (items[items.length - 1]?.index ?? 0) >= rows.length - 1;
  useEffect(() => {
    if (more && atEnd) onMore();
  }, [more, atEnd, onMore]);
  return (
    <div className="list-body" ref={box}>
      <ul className="virtual" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            <li key={item.key} style={{ transform: `translateY(${item.start}px)`, height: ROW }}>
              {row ? (
                <PastRow row={row} shown={row.id === open} query={query} />
              ) : (
                <p className="meta more-rows">{words.more}</p>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function PastRow({ row, shown, query }: { row: PastConversation; shown: boolean; query: string }) {
  const who = chatName({ ...(row.visitor ? { visitor: row.visitor } : {}) });
  return (
    <div className={shown ? "chat-row shown" : "chat-row"}>
      <a
        href={address({ page: "history", conversation: row.id, query })}
        aria-current={shown ? "true" : undefined}
      >
        <Avatar
          id={row.visitor?.id ?? row.id}
          name={who}
          unnamed={!row.visitor?.name && !row.visitor?.email}
        />
        <span className="chat-words">
          <span className="chat-first">
            <b className="clip" dir="auto">
              {who}
            </b>
            <span className="chat-when">
              <Ago at={row.requested_at} />
            </span>
          </span>
          <span className="clip past-text" dir="auto">
            {row.text || texts.inbox.saidNothing}
          </span>
          <span className="chat-second meta">
            <span className="clip">{whoAnswered(row)}</span>
            <span className={`state ${row.state}`}>{words.states[row.state]}</span>
          </span>
        </span>
      </a>
    </div>
  );
}

function whoAnswered({ rep, state }: PastConversation): string {
  if (rep) return words.with(rep.name);
  return state === "requested" ? words.noRepYet : words.noRep;
}
