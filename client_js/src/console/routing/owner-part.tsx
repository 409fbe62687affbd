/** Route to the owner (RT-7). */
import { ArrowUp, Plus, X } from "lucide-react";

import type { OwnedRecord, OwnerBlock } from "../api/routing";
import { Button, IconButton } from "../kit/button";
import { Switch } from "../kit/field";
import { Radios } from "../kit/radios";
import { texts } from "../texts";
import { messageAt } from "./faults";
import type { PartProps } from "./rule-editor";

const words = texts.routing.owner;
const RECORDS: readonly OwnedRecord[] = ["contact", "lead", "account"];

export function OwnerPart({ one, faults, onEdit }: PartProps) {
  const { owner } = one;
  const edit = (change: Partial<OwnerBlock>) => onEdit({ owner: { ...owner, ...change } }, "owner");
  return (
    <div className={owner.on ? "block on" : "block"}>
      <Switch label={words.on} hint={words.hint} on={owner.on} onChange={(on) => edit({ on })} />
      {owner.on ? (
        <div className="block-body">
          <Look
            look={owner.look}
            fault={messageAt(faults, "/owner/look")}
            onChange={(look) => edit({ look })}
          />
          <Radios
            label={words.ring}
            value={owner.ring}
            choices={(["owner_first", "owner_and_reps"] as const).map((id) => ({
              id,
              name: words.rings[id],
            }))}
            onChange={(ring) => edit({ ring })}
          />
        </div>
      ) : null}
    </div>
  );
}

interface LookProps {
  look: readonly OwnedRecord[];
  fault: string | undefined;
  onChange: (look: readonly OwnedRecord[]) => void;
}

/** The records in the order in which they are looked at. */
function Look({ look, fault, onChange }: LookProps) {
  const left = RECORDS.filter((record) => !look.includes(record));
  const earlier = (i: number) => {
    const next = [...look];
    const [record] = next.splice(i, 1);
    if (record) next.splice(i - 1, 0, record);
    onChange(next);
  };
  return (
    <div className="field" role="group" aria-label={words.look}>
      <span className="field-label">{words.look}</span>
      <ol className="steps">
        {look.map((record, i) => {
          const name = words.records[record];
          return (
            <li key={record} className="step">
              <span className="num">{i + 1}</span>
              <span>{name}</span>
              <IconButton
                size="small"
                label={words.earlier(name)}
                isDisabled={i === 0}
                onPress={() => earlier(i)}
              >
                <ArrowUp size={14} />
              </IconButton>
              <IconButton
                size="small"
                label={words.remove(name)}
                onPress={() => onChange(look.filter((one) => one !== record))}
              >
                <X size={14} />
              </IconButton>
            </li>
          );
        })}
        {left.map((record) => (
          <li key={record}>
            <Button
              size="small"
              look="quiet"
              icon={<Plus size={14} />}
              aria-label={words.add(words.records[record])}
              onPress={() => onChange([...look, record])}
            >
              {words.records[record]}
            </Button>
          </li>
        ))}
      </ol>
      <span className={fault ? "field-error" : "field-hint"}>{fault ?? words.lookHint}</span>
    </div>
  );
}
