/** Keeps the rule set being edited, for all of the routing pages, and over a reload. */
import { useSyncExternalStore } from "react";

import type { Routing, RuleSet } from "../api/routing";
import { recall, remember } from "../storage";
import { isEmpty, type Patch, patched, patchOf } from "./compare";
import {
  begin,
  type Drafting,
  edited,
  heard,
  isDirty,
  keptMine,
  redone,
  saved,
  type Theirs,
  tookTheirs,
  undone,
} from "./drafting";

const KEY = "frontdesk.routing.unsaved";
const REST = 400;

/** Changes that were never saved, with the revision they were made on. */
interface Kept {
  readonly revision: number;
  readonly live: number;
  readonly at: number;
  readonly patch: Patch;
}

export class DraftStore {
  #state: Drafting | null = null;
  #restored: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  readonly state = (): Drafting | null => this.#state;
  /** When the changes were made that came back with a reload; null: none did. */
  readonly restored = (): number | null => this.#restored;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What the server has now: the first time it is begun with, later it is compared. */
  readonly load = (routing: Routing): void => {
    const stored = storedOf(routing);
    if (this.#state !== null) {
      const by = routing.draft?.by?.name ?? routing.live.by?.name ?? "";
      const at = routing.draft?.at ?? routing.live.at;
      this.heard({ ...stored, by, at });
      return;
    }
    this.#set(this.#withKept(begin(stored), routing));
  };

  #withKept(state: Drafting, routing: Routing): Drafting {
    const kept = read();
    if (!kept) return state;
    const mine = patched(state.stored.rules, kept.patch);
    if (isEmpty(patchOf(state.stored.rules, mine))) return state;
    this.#restored = kept.at;
    const now = edited(state, mine, "", kept.at);
    if (kept.revision === state.stored.revision && kept.live === state.stored.live) return now;
    // Made on an older revision: shown on top of the newer one, which is said by `theirs`.
    const by = routing.draft?.by?.name ?? routing.live.by?.name ?? "";
    return { ...now, theirs: { ...state.stored, by, at: routing.draft?.at ?? routing.live.at } };
  }

  readonly edit = (change: (set: RuleSet) => RuleSet, subject = ""): void => {
    if (this.#state) this.#set(edited(this.#state, change(this.#state.now), subject, Date.now()));
  };
  readonly undo = (): void => this.#step(undone);
  readonly redo = (): void => this.#step(redone);
  readonly takeTheirs = (): void => this.#step(tookTheirs);
  readonly keepMine = (): void => this.#step(keptMine);
  readonly saved = (revision: number, rules: RuleSet): void =>
    this.#step((state) => saved(state, revision, rules));
  readonly heard = (theirs: Theirs): void => this.#step((state) => heard(state, theirs));

  /** Begins anew with what the server has: after publishing, discarding, rolling back. */
  readonly restart = (routing: Routing): void => {
    this.#restored = null;
    this.#set(begin(storedOf(routing)));
  };

  /** Back to what was saved last. */
  readonly revert = (): void => {
    this.#restored = null;
    this.#step((state) => edited(state, state.stored.rules, "", Date.now()));
  };

  #step(change: (state: Drafting) => Drafting): void {
    if (this.#state) this.#set(change(this.#state));
  }

  #set(state: Drafting): void {
    if (state === this.#state) return;
    this.#state = state;
    if (!isDirty(state)) this.#restored = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#keep, REST);
    for (const listener of this.#listeners) listener();
  }

  /** Writes down what isn't saved; also called when the page goes. */
  readonly #keep = (): void => {
    if (!this.#state) return;
    const patch = patchOf(this.#state.stored.rules, this.#state.now);
    const kept: Kept = {
      revision: this.#state.stored.revision,
      live: this.#state.stored.live,
      at: Date.now(),
      patch,
    };
    remember(KEY, isEmpty(patch) ? null : JSON.stringify(kept));
  };

  readonly keep = this.#keep;
}

const storedOf = ({ draft, live, revision }: Routing) => ({
  revision,
  draft: draft !== null,
  live: live.number,
  rules: draft?.rules ?? live.rules,
});

function read(): Kept | null {
  try {
    const kept = JSON.parse(recall(KEY) ?? "null") as Partial<Kept> | null;
    return kept && typeof kept.revision === "number" && Array.isArray(kept.patch?.put)
      ? (kept as Kept)
      : null;
  } catch {
    return null;
  }
}

/** The one that this tab edits. */
export const drafts = new DraftStore();

export const useDrafting = (): Drafting | null =>
  useSyncExternalStore(drafts.subscribe, drafts.state);
