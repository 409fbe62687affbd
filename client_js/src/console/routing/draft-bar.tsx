/** Where the draft stands, and what can be done with it as a whole. */
import { FlaskConical, Redo2, TriangleAlert, Undo2, UsersRound } from "lucide-react";
import { useState } from "react";

import { useQuery } from "@tanstack/react-query";

import { routingQuery } from "../api/routing";
import { NARROW, useMedia } from "../inbox/media";
import { Button, IconButton } from "../kit/button";
import { Confirm } from "../kit/dialog";
import { More } from "../kit/menu";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { since } from "./since";
import { useLiveState } from "../live/use-live";
import { texts } from "../texts";
import { drafts } from "./draft-store";
import { type Drafting, isDirty } from "./drafting";
import { openRule } from "./rules-page";
import type { CheckedRules } from "./use-checked";
import { useEditors } from "./use-draft";

const words = texts.routing.draft;

interface Props {
  drafting: Drafting;
  checked: CheckedRules;
  saving: boolean;
  trying: boolean;
  onTry: () => void;
  onSave: () => void;
  onPublish: () => void;
  onDiscard: () => void;
  onDecide: () => void;
}

export function DraftBar(props: Props) {
  const { drafting, checked, saving, trying } = props;
  const routing = useQuery(routingQuery).data;
  const narrow = useMedia(NARROW);
  const [asking, setAsking] = useState(false);
  const dirty = isDirty(drafting);
  const hasDraft = drafting.stored.draft;
  return (
    <>
      <div className="draft-bar" role="group" aria-label={words.draftPlain}>
        <div className="draft-state" role="status">
          <Standing drafting={drafting} saving={saving} />
          {routing ? (
            <span className="meta num clip">
              {words.live(routing.live.number)}
              {routing.live.note ? ` · ${routing.live.note}` : ""}
            </span>
          ) : null}
        </div>
        <Faults checked={checked} />
        <Others />
        <div className="draft-tools">
          <IconButton
            label={words.undo}
            keys="Mod+z"
            isDisabled={drafting.past.length === 0}
            onPress={drafts.undo}
          >
            <Undo2 size={16} />
          </IconButton>
          <IconButton
            label={words.redo}
            keys="Mod+Shift+z"
            isDisabled={drafting.future.length === 0}
            onPress={drafts.redo}
          >
            <Redo2 size={16} />
          </IconButton>
          <IconButton
            label={trying ? texts.routing.try.hide : texts.routing.try.show}
            keys="t"
            pressed={trying}
            onPress={props.onTry}
          >
            <FlaskConical size={16} />
          </IconButton>
          <Button isDisabled={!dirty || saving} onPress={props.onSave}>
            {narrow ? texts.save : words.save}
          </Button>
          <Button look="primary" isDisabled={!dirty && !hasDraft} onPress={props.onPublish}>
            {words.publish}
          </Button>
          <More
            label={words.more}
            actions={[
              {
                id: "revert",
                name: words.revert,
                disabled: !dirty,
                run: () => {
                  drafts.revert();
                  say(words.reverted, { action: { name: texts.undo, run: drafts.undo } });
                },
              },
              {
                id: "discard",
                name: words.discard,
                bad: true,
                disabled: !hasDraft,
                run: () => setAsking(true),
              },
            ]}
          />
        </div>
      </div>
      <Banners drafting={drafting} onDecide={props.onDecide} />
      <Confirm
        title={words.discardTitle}
        text={words.discardText}
        action={words.discard}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={props.onDiscard}
      />
    </>
  );
}

function Standing({ drafting, saving }: { drafting: Drafting; saving: boolean }) {
  const dirty = isDirty(drafting);
  const hasDraft = drafting.stored.draft;
  const text = saving
    ? words.saving
    : dirty
      ? words.unsaved
      : hasDraft
        ? words.saved
        : words.liveShown;
  return (
    <b className={dirty ? "clip unsaved" : "clip"}>
      <i
        className={`draft-dot ${dirty ? "dirty" : hasDraft ? "draft" : "live"}`}
        aria-hidden="true"
      />
      {text}
    </b>
  );
}

/** How much keeps the draft from being saved, and the way to the first of it. */
function Faults({ checked }: { checked: CheckedRules }) {
  const first = [...checked.faults.keys()][0];
  if (first === undefined) return null;
  const count = [...checked.faults.values()].reduce((sum, some) => sum + some.length, 0);
  return (
    <Button
      size="small"
      look="quiet"
      icon={<TriangleAlert size={14} />}
      aria-label={`${texts.routing.faults.ofRules(count)}. ${words.firstFault}`}
      onPress={() => openRule(first)}
    >
      <span className="draft-faults num">{texts.routing.faults.ofRules(count)}</span>
    </Button>
  );
}

/** Who else has this page open. */
function Others() {
  const routing = useQuery(routingQuery).data;
  const me = useLiveState((state) => state.me?.id);
  const others = useEditors(routing).filter((one) => one.id !== me);
  if (others.length === 0) return null;
  const names = others.map((one) => one.name);
  return (
    <span className="draft-others" title={names.join(", ")}>
      <UsersRound size={14} aria-hidden="true" />
      <span className="clip">{words.editing(joined(names))}</span>
    </span>
  );
}

function joined(names: readonly string[]): string {
  const last = names[names.length - 1] ?? "";
  return names.length > 1 ? names.slice(0, -1).join(", ") + words.and + last : last;
}

/** What has to be known before going on: another's change, changes that came back. */
function Banners({ drafting, onDecide }: Pick<Props, "drafting" | "onDecide">) {
  const now = useNow(15_000);
  const restored = drafts.restored();
  if (drafting.theirs) {
    return (
      <div className="banner amber" role="alert">
        <TriangleAlert size={16} aria-hidden="true" />
        <span>
          <b>{words.newer(drafting.theirs.by)}</b> {words.newerText}
        </span>
        <Button size="small" onPress={onDecide}>
          {words.look}
        </Button>
      </div>
    );
  }
  if (restored === null || !isDirty(drafting)) return null;
  return (
    <div className="notice" role="status">
      <span>{words.restored(since(restored, now))}</span>
      <Button size="small" onPress={drafts.revert}>
        {words.restoredDrop}
      </Button>
    </div>
  );
}
