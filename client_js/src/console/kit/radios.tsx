import { Label, RadioButton, RadioField, RadioGroup } from "react-aria-components";

import type { Choice } from "./select";

interface Props<Id extends string> {
  label: string;
  hideLabel?: boolean;
  value: Id;
  choices: readonly (Choice & { id: Id })[];
  onChange: (id: Id) => void;
  disabled?: boolean;
  /** Beside each other where there is room. */
  row?: boolean;
}

/** One of a few, each explained in a line. */
export function Radios<Id extends string>(props: Props<Id>) {
  const { label, hideLabel = false, value, choices, onChange, disabled = false, row } = props;
  return (
    <RadioGroup
      className={row ? "field radios row" : "field radios"}
      aria-label={label}
      value={value}
      isDisabled={disabled}
      onChange={(id) => onChange(id as Id)}
    >
      {hideLabel ? null : <Label>{label}</Label>}
      {choices.map((choice) => (
        <RadioField key={choice.id} value={choice.id} className="radio-field">
          <RadioButton className="radio">
            <i className="radio-dot" aria-hidden="true" />
            <span className="menu-words">
              <span>{choice.name}</span>
              {choice.hint ? <span className="field-hint">{choice.hint}</span> : null}
            </span>
          </RadioButton>
        </RadioField>
      ))}
    </RadioGroup>
  );
}
