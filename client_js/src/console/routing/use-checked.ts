/** What the server says of the rules as they are edited: faults, lint, who matches now. Asked when
 * the typing rests. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { check, type Lint, type Matches, matches, type RuleSet } from "../api/routing";
import { useSettled } from "../kit/settled";
import { byRule, type Placed } from "./faults";
import { handlingOf } from "./rules";
import { isUntouched, useSaidAll } from "./untouched";

const stamps = new WeakMap<RuleSet, number>();
let last = 0;

/** A number for each value of the rule set: two million characters are no key of a cache. */
export function stampOf(set: RuleSet): number {
  const known = stamps.get(set) ?? ++last;
  stamps.set(set, known);
  return known;
}

export interface CheckedRules {
  /** Those to be shown: without those of rules that were only just added. */
  readonly faults: ReadonlyMap<string, readonly Placed[]>;
  readonly lint: ReadonlyMap<string, readonly Lint[]>;
  /** All of them. */
  readonly faultCount: number;
  readonly failed: boolean;
  /** The rules that the answer is about. */
  readonly of: RuleSet | undefined;
  /** They are those that are edited now. */
  readonly fresh: boolean;
}

export function useChecked(now: RuleSet): CheckedRules {
  const set = useSettled(now, 500);
  const asked = useQuery({
    queryKey: ["routing-check", stampOf(set)],
    queryFn: async ({ signal }) => ({ set, ...(await check(set, signal)) }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 5_000,
    retry: false,
  });
  const { data } = asked;
  const saidAll = useSaidAll();
  // The maps stay the same while only the rules change: rows needn't be drawn again for that.
  const told = useMemo(() => {
    const lint = new Map<string, Lint[]>();
    for (const one of data?.lint ?? []) lint.set(one.rule, [...(lint.get(one.rule) ?? []), one]);
    const faults = new Map(data ? byRule(data.faults, data.set) : []);
    for (const id of data && saidAll >= 0 ? faults.keys() : []) {
      if (isUntouched(data && handlingOf(data.set, id))) faults.delete(id);
    }
    return {
      faults,
      lint,
      faultCount: (data?.faults.length ?? 0) + (data?.more ?? 0),
      of: data?.set,
    };
  }, [data, saidAll]);
  const fresh = data?.set === now;
  return useMemo(() => ({ ...told, failed: asked.isError, fresh }), [told, asked.isError, fresh]);
}

/** Rules that can't be read can't be counted: then what was counted last stands. */
export function useMatches(
  now: RuleSet,
  { of, faultCount }: CheckedRules,
): { data: Matches | undefined; failed: boolean } {
  const set = useSettled(now, 1200);
  const asked = useQuery({
    enabled: of === set && faultCount === 0,
    queryKey: ["routing-matches", stampOf(set)],
    queryFn: ({ signal }) => matches(set, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 5_000,
    retry: false,
  });
  return { data: asked.data, failed: asked.isError || faultCount > 0 };
}
