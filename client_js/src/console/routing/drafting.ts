/** The rule set being edited: what the server has, what is shown, undo and redo (RT-16). Pure steps
 * of one state; `draft-store.ts` keeps it. */
import type { RuleSet } from "../api/routing";
import { compare, patched, patchOf } from "./compare";

/** What the server keeps: its draft, or the live rules while there is none. */
export interface Stored {
  readonly revision: number;
  readonly draft: boolean;
  /** The number of the live version. */
  readonly live: number;
  readonly rules: RuleSet;
}

/** Somebody else's newer draft. */
export interface Theirs extends Stored {
  readonly by: string;
  readonly at: number;
}

export interface Drafting {
  readonly stored: Stored;
  readonly now: RuleSet;
  readonly past: readonly RuleSet[];
  readonly future: readonly RuleSet[];
  /** The last edit's subject and time: quick edits of one thing are one step to undo. */
  readonly last: { readonly subject: string; readonly at: number } | null;
  readonly theirs: Theirs | null;
}

const MOST_STEPS = 200;
const ONE_STEP = 900;

export function begin(stored: Stored): Drafting {
  return { stored, now: stored.rules, past: [], future: [], last: null, theirs: null };
}

export const isDirty = (state: Drafting): boolean => state.now !== state.stored.rules;

/** An edit; `subject` names what was edited ("" is always a step of its own). */
export function edited(state: Drafting, now: RuleSet, subject: string, at: number): Drafting {
  if (now === state.now) return state;
  const goesOn = subject !== "" && state.last?.subject === subject && at - state.last.at < ONE_STEP;
  const past = goesOn ? state.past : [...state.past, state.now].slice(-MOST_STEPS);
  return { ...state, now, past, future: [], last: { subject, at } };
}

export function undone(state: Drafting): Drafting {
  const now = state.past[state.past.length - 1];
  if (!now) return state;
  const future = [state.now, ...state.future];
  return { ...state, now, past: state.past.slice(0, -1), future, last: null };
}

export function redone(state: Drafting): Drafting {
  const [now, ...future] = state.future;
  if (!now) return state;
  return { ...state, now, past: [...state.past, state.now], future, last: null };
}

/** The server has `rules` now, under a new revision. What was typed meanwhile stays unsaved. */
export function saved(state: Drafting, revision: number, rules: RuleSet): Drafting {
  return {
    ...state,
    stored: { ...state.stored, draft: true, revision, rules },
    theirs: null,
    last: null,
  };
}

/** Somebody else saved. Without own changes theirs is shown; with them nothing is lost silently. */
export function heard(state: Drafting, theirs: Theirs): Drafting {
  const { revision, live } = state.theirs ?? state.stored;
  if (theirs.revision === revision && theirs.live === live) return state;
  if (!isDirty(state)) {
    return begin(storedOf(theirs));
  }
  return { ...state, theirs };
}

const storedOf = ({ revision, draft, live, rules }: Theirs): Stored => ({
  revision,
  draft,
  live,
  rules,
});

/** Mine given up for theirs; undo brings mine back. */
export function tookTheirs(state: Drafting): Drafting {
  if (!state.theirs) return state;
  const past = [...state.past, state.now];
  return { ...begin(storedOf(state.theirs)), past };
}

/** My changes laid on theirs; whatever both changed is mine. */
export function keptMine(state: Drafting): Drafting {
  if (!state.theirs) return state;
  const stored = storedOf(state.theirs);
  const now = patched(stored.rules, patchOf(state.stored.rules, state.now));
  return { ...begin(stored), now, past: [...state.past, state.now] };
}

/** Their changes, and which of those rules I changed as well. */
export function clash(state: Drafting) {
  const theirs = state.theirs ? compare(state.stored.rules, state.theirs.rules) : [];
  const mine = new Set(compare(state.stored.rules, state.now).map((one) => one.rule));
  return { theirs, both: new Set(theirs.map((one) => one.rule).filter((id) => mine.has(id))) };
}
