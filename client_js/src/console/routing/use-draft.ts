/** Brings the draft from the server to the editor, and says that this person is editing. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { Refused } from "../api/http";
import {
  discardDraft,
  type Draft,
  type Editor,
  publish,
  type Routing,
  routingQuery,
  type RuleSet,
  saveDraft,
  sayEditing,
} from "../api/routing";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { drafts, useDrafting } from "./draft-store";
import { isDirty } from "./drafting";

const words = texts.routing.draft;
const HEARTBEAT = 20_000;

/** The routing as the server has it; keeps the editor's store in step with it. */
export function useRouting() {
  const asked = useQuery(routingQuery);
  const drafting = useDrafting();
  const { data } = asked;
  useEffect(() => {
    if (!data) return;
    const before = drafts.state();
    drafts.load(data);
    const adopted = before !== null && !isDirty(before) && drafts.state() !== before;
    if (adopted) say(words.adopted(data.draft?.by?.name ?? ""));
  }, [data]);
  useEffect(() => {
    window.addEventListener("pagehide", drafts.keep);
    return () => window.removeEventListener("pagehide", drafts.keep);
  }, []);
  return { ...asked, drafting };
}

/** Who else is editing; asked each 20 s while the page is seen. */
export function useEditors(routing: Routing | undefined): readonly Editor[] {
  const queries = useQueryClient();
  const [editors, setEditors] = useState<readonly Editor[] | null>(null);
  useEffect(() => {
    const tell = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const told = await sayEditing();
        setEditors(told.editors);
        const known = drafts.state()?.stored.revision;
        if (told.revision !== known) {
          await queries.invalidateQueries({ queryKey: routingQuery.queryKey });
        }
      } catch {
        // The next heartbeat tries again; saving tells what matters.
      }
    };
    void tell();
    const timer = setInterval(() => void tell(), HEARTBEAT);
    return () => clearInterval(timer);
  }, [queries]);
  return editors ?? routing?.editors ?? [];
}

/** Save, publish, discard, with what each means for the editor and the other pages. */
export function useDraftActions() {
  const queries = useQueryClient();
  const renew = async () => {
    const [fresh] = await Promise.all([
      queries.query({ ...routingQuery, staleTime: 0 }),
      queries.invalidateQueries({ queryKey: ["routing-versions"] }),
      queries.invalidateQueries({ queryKey: ["routing-diff"] }),
    ]);
    drafts.restart(fresh);
  };
  const save = useMutation({
    mutationFn: async (set: RuleSet) => {
      const revision = drafts.state()?.stored.revision ?? 0;
      return { set, ...(await saveDraft(revision, set)) };
    },
    onSuccess: async ({ set, revision }) => {
      drafts.saved(revision, set);
      await queries.invalidateQueries({ queryKey: routingQuery.queryKey });
      await queries.invalidateQueries({ queryKey: ["routing-diff"] });
    },
    onError: (error) => {
      if (!conflicted(error)) say(refusedWords(error, words.saveFailed), { bad: true });
    },
  });
  const publishing = useMutation({
    mutationFn: ({ note, over }: Publication) =>
      publish(drafts.state()?.stored.revision ?? 0, note, over),
    onSuccess: async ({ number }) => {
      say(words.published(number));
      await renew();
    },
    onError: (error) => {
      if (behind(error) || conflicted(error)) return;
      say(refusedWords(error, words.publishFailed), { bad: true });
    },
  });
  const discarding = useMutation({
    mutationFn: () => discardDraft(drafts.state()?.stored.revision ?? 0),
    onSuccess: async () => {
      say(words.discarded);
      await renew();
    },
    onError: (error) => {
      if (!conflicted(error)) say(refusedWords(error, words.failed), { bad: true });
    },
  });
  return { save, publishing, discarding, renew };
}

/** Somebody else saved first: the editor gets theirs beside mine, and nothing is written. */
function conflicted(error: unknown): boolean {
  if (!(error instanceof Refused) || error.status !== 409 || error.code !== "changed") return false;
  const { by, at, draft } = error.body as {
    by?: { name?: string } | null;
    at?: number;
    draft?: Draft | null;
  };
  const state = drafts.state();
  if (!draft || !state) return false;
  drafts.heard({
    revision: draft.revision,
    draft: true,
    live: state.stored.live,
    rules: draft.rules,
    by: by?.name ?? draft.by?.name ?? "",
    at: at ?? draft.at,
  });
  return true;
}

/** The draft began with a version that is no longer live; publishing it has to be meant. */
export const behind = (error: unknown): boolean =>
  error instanceof Refused && error.status === 409 && error.code === "behind";

export interface Publication {
  readonly note: string;
  readonly over: number | undefined;
}

const refusedWords = (error: unknown, plain: string): string =>
  error instanceof Refused && error.code === "invalid" ? words.invalid : plain;
