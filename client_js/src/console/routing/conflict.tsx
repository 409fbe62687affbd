/** Two people changed the draft: what the other did, and what becomes of mine. Never silent. */
import { useMemo } from "react";

import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { Diff } from "./diff";
import { drafts } from "./draft-store";
import { clash, type Drafting } from "./drafting";
import { since } from "./since";
import type { Known } from "./use-names";

const words = texts.routing.conflict;

interface Props {
  drafting: Drafting;
  known: Known;
  onClose: () => void;
}

export function ConflictDialog({ drafting, known, onClose }: Props) {
  const now = useNow(15_000);
  const { theirs, both } = useMemo(() => clash(drafting), [drafting]);
  const take = () => {
    drafts.takeTheirs();
    say(words.taken, { action: { name: texts.undo, run: drafts.undo } });
    onClose();
  };
  const keep = () => {
    drafts.keepMine();
    say(words.kept);
    onClose();
  };
  if (!drafting.theirs) return null;
  const { by, at } = drafting.theirs;
  return (
    <Dialog title={words.title} size="wide" open onClose={onClose}>
      <div className="dialog-body">
        <p>{words.text(by, since(at, now))}</p>
        <h3 className="diff-title">{words.theirs}</h3>
        {theirs.length ? (
          <Diff changes={theirs} known={known} marked={both} mark={words.both} />
        ) : (
          <p className="meta">{words.nothing}</p>
        )}
      </div>
      <footer className="dialog-foot choices">
        <div className="choice">
          <Button onPress={take}>{words.take}</Button>
          <p className="meta">{words.takeHint}</p>
        </div>
        <div className="choice">
          <Button look="primary" onPress={keep}>
            {words.keep}
          </Button>
          <p className="meta">{words.keepHint}</p>
        </div>
      </footer>
    </Dialog>
  );
}
