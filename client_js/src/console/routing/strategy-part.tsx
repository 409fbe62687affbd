/** How the reps ring, for how long, and who more often (RT-4 to RT-6). */
import { Plus } from "lucide-react";
import { useId } from "react";
import { Input, NumberField } from "react-aria-components";

import { STRATEGIES } from "../api/routing";
import type { Rep } from "../api/types";
import { Avatar } from "../kit/avatar";
import { Button } from "../kit/button";
import { Radios } from "../kit/radios";
import { texts } from "../texts";
import { messageAt } from "./faults";
import type { PartProps } from "./rule-editor";

const words = texts.routing;

export function StrategyPart(props: PartProps) {
  const { one, faults, onEdit } = props;
  const round = one.strategy !== "first_available";
  return (
    <>
      {one.fallback ? (
        <section className="rule-section">
          <h2>{words.editor.how}</h2>
          <div className="rule-section-body">
            <Radios
              label={words.strategies.label}
              hideLabel
              value={one.strategy}
              choices={STRATEGIES.map((id) => ({ id, ...words.strategies[id] }))}
              onChange={(strategy) => onEdit({ strategy }, "strategy")}
            />
            {round ? <Weights {...props} /> : null}
          </div>
        </section>
      ) : null}
      <section className="rule-section">
        <h2>{words.editor.times}</h2>
        <div className="rule-section-body">
          <div className="times">
            <Seconds
              label={words.editor.ringTime}
              value={one.ring_seconds}
              fault={messageAt(faults, "/ring_seconds")}
              onChange={(ring_seconds) => onEdit({ ring_seconds }, "ring")}
            />
            <Seconds
              label={words.editor.waitTime}
              value={one.wait_seconds}
              fault={messageAt(faults, "/wait_seconds")}
              onChange={(wait_seconds) => onEdit({ wait_seconds }, "wait")}
            />
          </div>
          <p className="meta">
            {round ? words.times.round(one.ring_seconds, one.wait_seconds) : words.times.first}
          </p>
        </div>
      </section>
    </>
  );
}

interface SecondsProps {
  label: string;
  value: number;
  fault: string | undefined;
  onChange: (value: number) => void;
}

function Seconds({ label, value, fault, onChange }: SecondsProps) {
  const id = useId();
  return (
    <div className="field seconds">
      <label htmlFor={id}>{label}</label>
      <div className="with-unit">
        <input
          id={id}
          className="input num"
          inputMode="numeric"
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? `${id}-fault` : `${id}-unit`}
          data-invalid={fault ? true : undefined}
          value={Number.isNaN(value) ? "" : String(value)}
          onChange={(event) => {
            const digits = event.target.value.replace(/[^\d]/g, "").slice(0, 5);
            onChange(digits === "" ? 0 : Number(digits));
          }}
        />
        <span className="meta" id={`${id}-unit`}>
          {words.editor.seconds}
        </span>
      </div>
      {fault ? (
        <span className="field-error" id={`${id}-fault`} role="status">
          {fault}
        </span>
      ) : null}
    </div>
  );
}

/** Those whom the rule names, groups taken apart. */
function targeted({ one, known }: PartProps): readonly Rep[] {
  const { everyone, reps, groups } = one.targets;
  const members = new Set(
    known.allGroups.filter((group) => groups.includes(group.id)).flatMap((group) => group.members),
  );
  return known.allReps.filter(
    (rep) => rep.active && (everyone || reps.includes(rep.id) || members.has(rep.id)),
  );
}

function Weights(props: PartProps) {
  const { one, faults, onEdit } = props;
  const weighed = Object.keys(one.weights).length > 0;
  const reps = targeted(props);
  if (!weighed) {
    return (
      <div>
        <Button
          size="small"
          look="quiet"
          icon={<Plus size={14} />}
          isDisabled={reps.length === 0}
          onPress={() =>
            onEdit({ weights: Object.fromEntries(reps.map((rep) => [rep.id, 1])) }, "weights")
          }
        >
          {words.strategies.addWeights}
        </Button>
      </div>
    );
  }
  const sum = reps.reduce((all, rep) => all + (one.weights[rep.id] ?? 1), 0);
  return (
    <div className="field" role="group" aria-label={words.strategies.weights}>
      <div className="block-head">
        <span className="field-label">{words.strategies.weights}</span>
        <span className="spacer" />
        <Button size="small" look="quiet" onPress={() => onEdit({ weights: {} }, "weights")}>
          {words.strategies.dropWeights}
        </Button>
      </div>
      <p className="field-hint">{words.strategies.weightsHint}</p>
      <ul className="weights">
        {reps.map((rep) => {
          const weight = one.weights[rep.id] ?? 1;
          const fault = messageAt(faults, `/weights/${rep.id}`);
          return (
            <li key={rep.id}>
              <Avatar id={rep.id} name={rep.name} picture={rep.picture} size={24} />
              <span className="clip" dir="auto">
                {rep.name}
              </span>
              <span className="meta num">
                {sum > 0 ? `${Math.round((weight / sum) * 100)} %` : ""}
              </span>
              <NumberField
                aria-label={words.strategies.weightOf(rep.name)}
                value={weight}
                step={0.1}
                isInvalid={Boolean(fault)}
                formatOptions={{ maximumFractionDigits: 1 }}
                onChange={(next) =>
                  onEdit(
                    { weights: { ...one.weights, [rep.id]: Number.isNaN(next) ? 1 : next } },
                    "weights",
                  )
                }
              >
                <Input className="input num" />
              </NumberField>
              {fault ? <span className="field-error">{fault}</span> : null}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
