import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { About } from "../../protocol/index.ts";
import { call } from "./http";
import type { ConversationPage, WholeConversation } from "./types";

export interface Search {
  q?: string;
  state?: string;
  rep?: string;
  /** An id. */
  visitor?: string;
}

function parameters(search: Search, cursor: string): string {
  const set = Object.entries({ ...search, cursor }).filter(([, value]) => value);
  return set.length ? `?${new URLSearchParams(set).toString()}` : "";
}

export const conversationsQuery = (search: Search) =>
  infiniteQueryOptions({
    queryKey: ["conversations", search],
    queryFn: ({ pageParam, signal }) =>
      call<ConversationPage>(
        "GET",
        `/conversations${parameters(search, pageParam)}`,
        undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor,
    staleTime: 5_000,
  });

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: ({ signal }) =>
      call<WholeConversation>("GET", `/conversations/${encodeURIComponent(id)}`, undefined, signal),
    staleTime: 10_000,
  });

/** What came before an offset, newest part first. */
export const earlierQuery = (id: string, before: number) =>
  infiniteQueryOptions({
    queryKey: ["conversation", id, "before", before],
    queryFn: ({ pageParam, signal }) =>
      call<WholeConversation>(
        "GET",
        `/conversations/${encodeURIComponent(id)}?before=${pageParam}`,
        undefined,
        signal,
      ),
    initialPageParam: before,
    getNextPageParam: (page) => (page.more ? page.entries[0]?.offset : undefined),
    staleTime: Infinity,
  });

/** What this rep knows of the visitor of an open conversation, by field; null takes a value away. */
export const changeVisitor = async (
  id: string,
  fields: Readonly<Record<string, string | number | boolean | null>>,
) =>
  (
    await call<{ visitor: About }>("PATCH", `/conversations/${encodeURIComponent(id)}/visitor`, {
      fields,
    })
  ).visitor;

export const transcriptAddress = (id: string) =>
  `/v1/conversations/${encodeURIComponent(id)}/transcript`;
