/** The list of rules, the open rule beside it, and the panel that tries them. */
import { MousePointerClick, SearchX } from "lucide-react";
import { useMemo, useState } from "react";

import { type Command, useCommands } from "../frame/commands";
import { NARROW, useMedia } from "../inbox/media";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Dialog } from "../kit/dialog";
import { go } from "../route";
import { texts } from "../texts";
import { ConflictDialog } from "./conflict";
import { DraftBar } from "./draft-bar";
import { drafts } from "./draft-store";
import { type Drafting, isDirty } from "./drafting";
import { PublishDialog } from "./publish-dialog";
import { RuleEditor } from "./rule-editor";
import { RuleList } from "./rule-list";
import {
  added,
  DEFAULT_ID,
  freeName,
  handlingOf,
  moved,
  newRule,
  newRuleId,
  placeOf,
} from "./rules";
import { TryPanel } from "./try-panel";
import { asUntouched, sayAllOf } from "./untouched";
import { useChecked, useMatches } from "./use-checked";
import { useDraftActions, useRouting } from "./use-draft";
import { type Known, useNames } from "./use-names";

const words = texts.routing;
/** Where the try panel no longer fits beside the editor. */
const TIGHT = "(max-width: 1319px)";

export function Rules({ open }: { open: string | null }) {
  const { data, error, refetch, drafting } = useRouting();
  const known = useNames();
  if (error && !data) {
    return <Failing error={error} title={words.failing} retry={() => void refetch()} />;
  }
  if (!data || !drafting) return <RulesSkeleton />;
  return <Editing open={open} drafting={drafting} known={known} />;
}

/** Of the final sizes: nothing jumps when the rules arrive. */
function RulesSkeleton() {
  return (
    <>
      <div className="draft-bar" />
      <div className="rules closed">
        <div className="rule-list">
          <div className="rule-tools" />
          <Skeleton rows={6} height={104} words={texts.loading} />
        </div>
        <div className="rule-pane" />
      </div>
    </>
  );
}

export const openRule = (id: string | null) => go({ page: "routing", part: "rules", item: id });

export function addRule(): void {
  const id = newRuleId();
  drafts.edit((set) => {
    const rule = newRule(id, freeName(set, words.list.newName));
    return added(set, asUntouched(rule), 0);
  });
  openRule(id);
}

interface EditingProps {
  open: string | null;
  drafting: Drafting;
  known: Known;
}

function Editing({ open, drafting, known }: EditingProps) {
  const set = drafting.now;
  const checked = useChecked(set);
  const matches = useMatches(set, checked);
  const actions = useDraftActions();
  const narrow = useMedia(NARROW);
  const tight = useMedia(TIGHT);
  const [trying, setTrying] = useState(false);
  const [deciding, setDeciding] = useState(false);
  const [publishing, setPublishing] = useState(false);
  const save = () => {
    const state = drafts.state();
    if (state) sayAllOf(state.now);
    if (state && isDirty(state) && !state.theirs) {
      // A refused save asks at once; a change heard of by the way waits behind the banner.
      const onError = () => setDeciding(drafts.state()?.theirs !== null);
      actions.save.mutate(state.now, { onError });
    } else if (state?.theirs) setDeciding(true);
  };
  const publish = () => {
    sayAllOf(drafting.now);
    setPublishing(true);
  };
  usePageCommands({
    open,
    save,
    onPublish: publish,
    onTry: () => setTrying((on) => !on),
  });
  const one = open === null ? undefined : handlingOf(set, open);
  const panel = (
    <TryPanel
      key="try"
      drafting={drafting}
      known={known}
      open={open}
      faulty={checked.faultCount > 0}
      marked={checked.faults.size > 0}
    />
  );
  return (
    <>
      <DraftBar
        drafting={drafting}
        checked={checked}
        saving={actions.save.isPending}
        trying={trying}
        onTry={() => setTrying(!trying)}
        onSave={save}
        onPublish={publish}
        onDiscard={() => actions.discarding.mutate()}
        onDecide={() => setDeciding(true)}
      />
      <div
        className={[
          "rules",
          open === null ? "closed" : "open",
          trying && !tight ? "trying" : "",
        ].join(" ")}
      >
        <RuleList set={set} open={open} known={known} checked={checked} matches={matches} />
        {narrow && open === null ? null : (
          <section className="rule-pane" aria-label={words.list.pickTitle}>
            {open === null ? (
              <Blank icon={<MousePointerClick />} title={words.list.pickTitle}>
                {words.list.pickText}
              </Blank>
            ) : one ? (
              <RuleEditor
                key={open}
                id={open}
                one={one}
                set={set}
                known={known}
                checked={checked}
                matches={matches}
              />
            ) : (
              <Blank icon={<SearchX />} title={words.list.goneTitle}>
                {words.list.goneText}
              </Blank>
            )}
          </section>
        )}
        {trying && !tight ? (
          <aside className="try" aria-label={words.try.title}>
            {panel}
          </aside>
        ) : null}
      </div>
      {tight ? (
        <Dialog title={words.try.title} size="side" open={trying} onClose={() => setTrying(false)}>
          <div className="drawer">{panel}</div>
        </Dialog>
      ) : null}
      {deciding && drafting.theirs ? (
        <ConflictDialog drafting={drafting} known={known} onClose={() => setDeciding(false)} />
      ) : null}
      {publishing ? (
        <PublishDialog
          drafting={drafting}
          known={known}
          publishing={actions.publishing}
          onSave={save}
          onClose={() => setPublishing(false)}
        />
      ) : null}
    </>
  );
}

interface Doings {
  open: string | null;
  save: () => void;
  onPublish: () => void;
  onTry: () => void;
}

function usePageCommands({ open, save, onPublish, onTry }: Doings): void {
  const list = useMemo((): Command[] => {
    const names = words.shortcuts;
    const step = (by: number) => () => {
      const rules = drafts.state()?.now.rules ?? [];
      const ids = [...rules.map((rule) => rule.id), DEFAULT_ID];
      const at = open === null ? -1 : ids.indexOf(open);
      openRule(ids[Math.max(0, Math.min(ids.length - 1, at + by))] ?? null);
    };
    const shift = (by: number) => () => {
      if (open !== null && open !== DEFAULT_ID) {
        drafts.edit((set) => moved(set, open, placeOf(set, open) + by), `move ${open}`);
      }
    };
    const find = () => document.querySelector<HTMLElement>(".rule-list input")?.focus();
    return [
      { id: "rule-new", name: names.add, keys: "n", run: addRule },
      { id: "search", name: names.find, keys: "/", run: find },
      { id: "rule-next", name: names.next, keys: "j", run: step(1) },
      { id: "rule-previous", name: names.previous, keys: "k", run: step(-1) },
      { id: "rule-up", name: names.up, keys: "ArrowUp", run: shift(-1) },
      { id: "rule-down", name: names.down, keys: "ArrowDown", run: shift(1) },
      { id: "draft-save", name: names.save, keys: "Mod+s", run: save },
      { id: "draft-publish", name: names.publish, keys: "p", run: onPublish },
      { id: "draft-undo", name: names.undo, keys: "Mod+z", run: drafts.undo },
      { id: "draft-redo", name: names.redo, keys: "Mod+Shift+z", run: drafts.redo },
      { id: "rules-try", name: names.try, keys: "t", run: onTry },
    ];
  }, [open, save, onPublish, onTry]);
  useCommands(list);
}
