/** Routing over HTTP: rules, drafts, versions, trying, fairness. Shapes are those of the stored
 * document; times are ms since 1970. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { call } from "./http";

/** A filter of the one filter language (RT-2), as it is stored. */
export type Filter =
  | { readonly all: readonly Filter[] }
  | { readonly any: readonly Filter[] }
  | { readonly not: Filter }
  | Test;

export interface Test {
  readonly field: string;
  readonly op: string;
  readonly value?: Value;
}

export type Scalar = string | number | boolean | null;
export type Value = Scalar | readonly Scalar[];

export type Strategy = "first_available" | "rotation" | "random" | "least_busy";
export const STRATEGIES: readonly Strategy[] = [
  "first_available",
  "rotation",
  "random",
  "least_busy",
];

export interface Targets {
  readonly everyone: boolean;
  readonly reps: readonly string[];
  readonly groups: readonly string[];
}

export type OwnedRecord = "contact" | "lead" | "account";

export interface OwnerBlock {
  readonly on: boolean;
  /** Where an owner is looked for, in this order. */
  readonly look: readonly OwnedRecord[];
  readonly ring: "owner_first" | "owner_and_reps";
}

export interface OutreachBlock {
  readonly on: boolean;
  readonly ring: "sender" | "owner" | "both";
  readonly fallback: boolean;
  readonly book: "sender" | "owner" | "targets" | "nobody";
}

/** What the default rule has, too. */
export interface Handling {
  readonly targets: Targets;
  readonly strategy: Strategy;
  /** Rep id to weight, for round robin; absent means 1. */
  readonly weights: Readonly<Record<string, number>>;
  readonly ring_seconds: number;
  readonly wait_seconds: number;
  readonly owner: OwnerBlock;
  readonly outreach: OutreachBlock;
  /** False: the targets are not rung when owner and Outreach fail (RT-8). */
  readonly fallback: boolean;
  readonly missed: "meeting_booker" | "form";
  readonly book: { readonly targets: boolean; readonly owner: boolean };
}

export interface Rule extends Handling {
  readonly id: string;
  readonly name: string;
  readonly on: boolean;
  readonly when: Filter;
}

export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly default: Handling;
}

export interface Who {
  readonly id: string;
  readonly name: string;
}

export interface Draft {
  readonly revision: number;
  /** The version it began from. */
  readonly base: number;
  readonly at: number;
  readonly by: Who | null;
  readonly rules: RuleSet;
}

export interface LiveRules {
  readonly number: number;
  readonly at: number;
  readonly by: Who | null;
  readonly note: string;
  readonly rules: RuleSet;
}

export interface Editor extends Who {
  readonly at: number;
}

export interface Routing {
  readonly live: LiveRules;
  readonly draft: Draft | null;
  /** What the next change has to name, also where there is no draft. */
  readonly revision: number;
  readonly editors: readonly Editor[];
}

/** Something that can't be stored. `place` is a JSON pointer into the rule document. */
export interface Fault {
  readonly place: string;
  readonly code: string;
  readonly message: string;
}

export interface Lint extends Fault {
  /** A rule's id, or "default". */
  readonly rule: string;
  readonly severity: "error" | "warning";
}

export interface Checked {
  readonly faults: readonly Fault[];
  readonly lint: readonly Lint[];
  /** Faults beyond those that are listed. */
  readonly more?: number;
}

/** What an operator takes beside it. */
export type Takes = "none" | "one" | "two" | "list";

export interface Operator {
  readonly op: string;
  readonly label: string;
  readonly value: Takes;
}

export type FieldType =
  | "text"
  | "email"
  | "url"
  | "number"
  | "boolean"
  | "date"
  | "picklist"
  /** Several texts at a time: matches if any of them does. */
  | "texts";

export interface RoutingField {
  readonly key: string;
  readonly label: string;
  readonly type: FieldType;
  readonly source: string;
  readonly example: Scalar;
  readonly values: readonly Scalar[];
  readonly operators: readonly Operator[];
}

export const routingQuery = queryOptions({
  queryKey: ["routing"],
  queryFn: ({ signal }) => call<Routing>("GET", "/routing", undefined, signal),
  staleTime: Infinity,
});

export const routingFieldsQuery = queryOptions({
  queryKey: ["routing-fields"],
  queryFn: async ({ signal }) =>
    (await call<{ fields: RoutingField[] }>("GET", "/routing/fields", undefined, signal)).fields,
  staleTime: 60_000,
});

export const saveDraft = (revision: number, rules: RuleSet) =>
  call<Checked & { revision: number }>("PUT", "/routing/draft", { revision, rules });
export const discardDraft = (revision: number) =>
  call<unknown>("DELETE", "/routing/draft", { revision });
/** `over`: the live version that is replaced though the draft began with another one. */
export const publish = (revision: number, note: string, over?: number) =>
  call<{ number: number }>("POST", "/routing/publish", {
    revision,
    note,
    ...(over === undefined ? {} : { over }),
  });
/** `live`: the version that was looked at, and is undone. */
export const rollBack = (number: number, live: number, note: string) =>
  call<{ number: number }>("POST", "/routing/rollback", { number, live, note });

/** Says that this person edits; answers who does, and the draft's revision. */
export const sayEditing = () =>
  call<{ editors: readonly Editor[]; revision: number }>("POST", "/routing/editing", {});

export const check = (rules: RuleSet, signal?: AbortSignal) =>
  call<Checked>("POST", "/routing/check", { rules }, signal);

/** How many of the visitors looked at each rule takes: its id to a count. */
export interface Matches {
  readonly rules: Readonly<Record<string, number>>;
  readonly default: number;
  readonly of: number;
}

export const matches = (rules: RuleSet, signal?: AbortSignal) =>
  call<Matches>("POST", "/routing/matches", { rules }, signal);

/** What is known of a visitor, as the conversation keeps it. */
export type AboutVisitor = Readonly<Record<string, unknown>>;

export interface Told {
  readonly record: DecisionRecord;
  readonly words: readonly string[];
}

/** Only what the console reads of a record (RT-12). */
export interface DecisionRecord {
  readonly rule?: string;
  readonly name?: string;
  readonly considered?: readonly { readonly rep: string; readonly eligibility: string }[];
  readonly stages?: readonly { readonly kind: string; readonly reps: readonly string[] }[];
}

export interface Tried {
  readonly draft: Told;
  readonly live: Told;
}

export const tryRules = (
  sample: { about: AboutVisitor } | { conversation: string },
  rules: RuleSet | undefined,
  signal?: AbortSignal,
) => call<Tried>("POST", "/routing/try", { ...sample, ...(rules ? { rules } : {}) }, signal);

export interface BeforeAfter {
  readonly before: number;
  readonly after: number;
}

export interface Outcome {
  /** Of the rule. */
  readonly name?: string;
  readonly rule: string;
  readonly reps: readonly string[];
}

export interface Moved {
  readonly conversation: string;
  readonly at: number;
  readonly visitor: string;
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface SimulationResult {
  readonly requests: number;
  /** At most 500 of them. */
  readonly moved: readonly Moved[];
  readonly moved_count: number;
  readonly rules: Readonly<Record<string, BeforeAfter>>;
  readonly reps: Readonly<Record<string, BeforeAfter>>;
  readonly missed: BeforeAfter;
}

export interface Simulation {
  readonly state: "running" | "done" | "failed";
  readonly done: number;
  readonly of: number;
  readonly message?: string;
  readonly result?: SimulationResult;
}

export const simulate = (
  over: { days: number } | { samples: string },
  rules: RuleSet | undefined,
) => call<{ id: string }>("POST", "/routing/simulate", { ...over, ...(rules ? { rules } : {}) });

export const simulationQuery = (id: string) =>
  queryOptions({
    queryKey: ["simulation", id],
    queryFn: ({ signal }) =>
      call<Simulation>("GET", `/routing/simulations/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: (query) => (query.state.data?.state === "running" ? 700 : false),
    staleTime: Infinity,
  });

export interface Version {
  readonly number: number;
  readonly note: string;
  readonly by: Who | null;
  readonly at: number;
}

export const versionsQuery = infiniteQueryOptions({
  queryKey: ["routing-versions"],
  queryFn: ({ pageParam, signal }) =>
    call<{ versions: readonly Version[]; more?: boolean }>(
      "GET",
      `/routing/versions${pageParam ? `?before=${pageParam}` : ""}`,
      undefined,
      signal,
    ),
  initialPageParam: 0,
  getNextPageParam: (page) =>
    page.more ? page.versions[page.versions.length - 1]?.number : undefined,
});

/** One rule's change between two rule sets; of one added or removed, `fields` are all it has. */
export interface RuleChange {
  readonly rule: string;
  readonly name: string;
  readonly change: "added" | "removed" | "moved" | "changed";
  readonly fields: readonly { path: string; before?: unknown; after?: unknown }[];
}

export const diffQuery = (from: number | "draft", to: number | "draft") =>
  queryOptions({
    queryKey: ["routing-diff", from, to],
    queryFn: async ({ signal }) =>
      (
        await call<{ changes: readonly RuleChange[] }>(
          "GET",
          `/routing/diff?from=${from}&to=${to}`,
          undefined,
          signal,
        )
      ).changes,
    // A published version never changes; a draft does.
    staleTime: from === "draft" || to === "draft" ? 0 : Infinity,
  });

export interface FairReps {
  readonly rep: string;
  readonly available_hours: number;
  readonly offered: number;
  readonly shown: number;
  readonly declined: number;
  readonly expired: number;
  readonly claimed: number;
  readonly per_hour: number;
}

export interface FairRules {
  readonly rule: string;
  readonly name: string;
  readonly day: string;
  readonly region: string;
  readonly requests: number;
  readonly claimed: number;
  readonly missed: number;
}

export interface Drift {
  readonly words: string;
}

export interface Fairness {
  readonly reps: readonly FairReps[];
  readonly rules: readonly FairRules[];
  readonly drift: readonly Drift[];
}

export const fairnessQuery = (from: number, to: number) =>
  queryOptions({
    queryKey: ["fairness", from, to],
    queryFn: ({ signal }) =>
      call<Fairness>("GET", `/routing/fairness?from=${from}&to=${to}`, undefined, signal),
    staleTime: 60_000,
  });
