/** Entries that a snapshot doesn't hold, from the archive. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import type { Conversation } from "../../protocol/index.ts";
import { earlierQuery } from "../api/conversations";

/** Nothing is asked before the rep wants it; each `load` brings the next part. */
export function useEarlier(conversation: Conversation) {
  const [first] = useState(conversation.entries[0]?.offset ?? 1);
  const [wanted, setWanted] = useState(false);
  const missing = Math.max(conversation.first ?? 1, first) > 1;
  const query = useInfiniteQuery({
    ...earlierQuery(conversation.id, first),
    enabled: wanted && missing,
  });
  const entries = useMemo(() => {
    const earlier = query.data?.pages.toReversed().flatMap((page) => page.entries) ?? [];
    return [...earlier.filter((entry) => entry.offset < first), ...conversation.entries];
  }, [query.data, conversation.entries, first]);
  const load = () => {
    setWanted(true);
    if (query.data || query.error) void query.fetchNextPage();
  };
  return { entries, more: missing && (!query.data || query.hasNextPage), query, load };
}
