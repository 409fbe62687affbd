/** Whom the rule names (RT-3); the fallback of owner and Outreach, which can be removed (RT-8). */
import { Plus, UserRoundX, UsersRound, X } from "lucide-react";

import type { Handling, Targets } from "../api/routing";
import { Avatar } from "../kit/avatar";
import { Button, IconButton } from "../kit/button";
import { AddChoice, type Chip, Chips } from "../kit/chips";
import { Radios } from "../kit/radios";
import { texts } from "../texts";
import { messageAt } from "./faults";
import type { PartProps } from "./rule-editor";
import type { Known } from "./use-names";

const words = texts.routing.targets;

/** Something rings before the targets do. */
const hasFirst = (one: Handling) => one.owner.on || one.outreach.on;

export function TargetsPart({ one, known, faults, onEdit }: PartProps) {
  if (!one.fallback) {
    return (
      <div className="block removed">
        <div className="block-head">
          <UserRoundX size={16} aria-hidden="true" />
          <b>{words.removed}</b>
          <Button
            size="small"
            icon={<Plus size={14} />}
            onPress={() => onEdit({ fallback: true }, "fallback")}
          >
            {words.bring}
          </Button>
        </div>
        <p className="meta">{words.removedText}</p>
      </div>
    );
  }
  const edit = (change: Partial<Targets>) =>
    onEdit({ targets: { ...one.targets, ...change } }, "targets");
  const fault = messageAt(faults, "/targets");
  const nobody = !one.targets.everyone && one.targets.reps.length + one.targets.groups.length === 0;
  return (
    <div className="block on">
      <div className="block-head">
        <UsersRound size={16} aria-hidden="true" />
        <b>{words.title}</b>
        {hasFirst(one) ? <span className="meta">{words.fallback}</span> : null}
        <span className="spacer" />
        <IconButton
          size="small"
          label={words.remove}
          onPress={() => onEdit({ fallback: false }, "fallback")}
        >
          <X size={14} />
        </IconButton>
      </div>
      <div className="block-body">
        <Radios
          label={words.who}
          hideLabel
          row
          value={one.targets.everyone ? "everyone" : "chosen"}
          choices={[
            { id: "everyone", name: words.everyone },
            { id: "chosen", name: words.chosen },
          ]}
          onChange={(id) => edit({ everyone: id === "everyone" })}
        />
        {one.targets.everyone ? null : (
          <>
            <WhoChips targets={one.targets} known={known} invalid={nobody} onEdit={edit} />
            {fault || nobody ? <p className="field-error">{fault ?? words.none}</p> : null}
          </>
        )}
      </div>
    </div>
  );
}

interface WhoProps {
  targets: Targets;
  known: Known;
  invalid: boolean;
  onEdit: (change: Partial<Targets>) => void;
}

function WhoChips({ targets, known, invalid, onEdit }: WhoProps) {
  const chips: Chip[] = [
    ...targets.groups.map((id) => ({
      id: `g ${id}`,
      name: known.groups.get(id) ?? texts.routing.sentence.goneGroup,
      icon: <UsersRound size={13} aria-hidden="true" />,
      bad: !known.groups.has(id),
    })),
    ...targets.reps.map((id) => repChip(id, known)),
  ];
  const sections = [
    {
      id: "groups",
      name: words.groups,
      choices: known.allGroups
        .filter((group) => !targets.groups.includes(group.id))
        .map((group) => ({
          id: `g ${group.id}`,
          name: group.name,
          hint: words.members(group.members.length),
        })),
    },
    {
      id: "reps",
      name: words.reps,
      choices: known.allReps
        .filter((rep) => rep.active && !targets.reps.includes(rep.id))
        .map((rep) => ({ id: `r ${rep.id}`, name: rep.name, hint: rep.email })),
    },
  ];
  const without = (key: string) => {
    const id = key.slice(2);
    if (key.startsWith("g ")) onEdit({ groups: targets.groups.filter((one) => one !== id) });
    else onEdit({ reps: targets.reps.filter((one) => one !== id) });
  };
  const add = (key: string) => {
    const id = key.slice(2);
    if (key.startsWith("g ")) onEdit({ groups: [...targets.groups, id] });
    else onEdit({ reps: [...targets.reps, id] });
  };
  return (
    <Chips
      label={words.who}
      chips={chips}
      invalid={invalid}
      onRemove={without}
      removeLabel={texts.routing.filter.removeValue}
    >
      <AddChoice label={words.find} sections={sections} onAdd={add} none={texts.transfer.nobody} />
    </Chips>
  );
}

function repChip(id: string, known: Known): Chip {
  const rep = known.allReps.find((one) => one.id === id);
  const name = rep?.name ?? texts.routing.sentence.goneRep;
  const left = rep ? !rep.active : known.allReps.length > 0;
  return {
    id: `r ${id}`,
    name: rep && left ? words.left(name) : name,
    icon: <Avatar id={id} name={name} size={24} />,
    bad: left,
  };
}
