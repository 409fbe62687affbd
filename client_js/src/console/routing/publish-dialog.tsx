/** Before the rules go live: what changes, and a note for the team. */
import { type UseMutationResult, useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useMemo, useState } from "react";
import { Form } from "react-aria-components";

import { routingQuery } from "../api/routing";
import { Button } from "../kit/button";
import { Dialog } from "../kit/dialog";
import { Field } from "../kit/field";
import { texts } from "../texts";
import { compare } from "./compare";
import { Diff } from "./diff";
import { type Drafting, isDirty } from "./drafting";
import { behind, type Publication } from "./use-draft";
import type { Known } from "./use-names";

const words = texts.routing.draft;

interface Props {
  drafting: Drafting;
  known: Known;
  publishing: UseMutationResult<{ number: number }, Error, Publication>;
  onSave: () => void;
  onClose: () => void;
}

export function PublishDialog({ drafting, known, publishing, onSave, onClose }: Props) {
  const live = useQuery(routingQuery).data?.live;
  const [note, setNote] = useState("");
  const dirty = isDirty(drafting);
  const isBehind = behind(publishing.error);
  const changes = useMemo(
    () => (live ? compare(live.rules, drafting.now) : []),
    [live, drafting.now],
  );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (dirty) return;
    const over = isBehind ? live?.number : undefined;
    publishing.mutate(
      { note: note.trim(), over },
      { onSettled: (_, error) => (behind(error) ? undefined : onClose()) },
    );
  };
  return (
    <Dialog title={words.publishTitle} size="wide" open onClose={onClose}>
      <Form onSubmit={submit} className="dialog">
        <div className="dialog-body">
          <p>{words.publishText}</p>
          {isBehind && live ? (
            <p className="remarks error" role="alert">
              {words.behind(live.number)}
            </p>
          ) : null}
          {changes.length ? (
            <Diff changes={changes} known={known} />
          ) : (
            <p className="meta">{words.publishNothing}</p>
          )}
          {dirty ? (
            <p className="field-error" role="status">
              {words.publishFirst}
            </p>
          ) : (
            <Field
              label={words.publishNote}
              hint={words.publishNoteHint}
              value={note}
              onChange={setNote}
              maxLength={200}
              autoFocus
            />
          )}
        </div>
        <footer className="dialog-foot">
          <Button onPress={onClose}>{texts.cancel}</Button>
          {dirty ? (
            <Button look="primary" onPress={onSave}>
              {words.save}
            </Button>
          ) : (
            <Button
              type="submit"
              look="primary"
              isDisabled={publishing.isPending || changes.length === 0}
            >
              {isBehind ? words.publishOver : words.publish}
            </Button>
          )}
        </footer>
      </Form>
    </Dialog>
  );
}
