import { useInfiniteQuery } from "@tanstack/react-query";

import type { About } from "../../protocol/index.ts";
import { conversationsQuery } from "../api/conversations";
import { Ago } from "../kit/now";
import { address } from "../route";
import { texts } from "../texts";
import { Part } from "./part";

/** What this visitor talked about before, newest first; only what this rep may read. */
export function EarlierConversations({ visitor, not }: { visitor: About; not: string }) {
  const { data } = useInfiniteQuery({
    ...conversationsQuery({ visitor: visitor.id }),
    retry: false,
  });
  const earlier = (data?.pages[0]?.conversations ?? []).filter((one) => one.id !== not).slice(0, 5);
  return (
    <Part title={texts.visitor.earlier}>
      {earlier.length === 0 ? <p className="meta">{texts.visitor.noEarlier}</p> : null}
      <ul className="earlier-list">
        {earlier.map((one) => (
          <li key={one.id}>
            <a href={address({ page: "history", conversation: one.id, query: "" })}>
              <span className="clip" dir="auto">
                {one.text || texts.history.states[one.state]}
              </span>
              <span className="meta">
                <Ago at={one.requested_at} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Part>
  );
}
