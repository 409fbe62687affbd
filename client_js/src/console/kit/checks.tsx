import { Check } from "lucide-react";
import { CheckboxButton, CheckboxField, CheckboxGroup, Label } from "react-aria-components";

interface Props {
  label: string;
  choices: readonly { id: string; name: string }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** Any number of choices; scrolls when there are many. */
export function Checks({ label, choices, value, onChange }: Props) {
  return (
    <CheckboxGroup className="field" value={[...value]} onChange={onChange}>
      <Label>{label}</Label>
      <div className="checks">
        {choices.map((choice) => (
          <CheckboxField key={choice.id} value={choice.id}>
            <CheckboxButton className="check">
              <span className="check-box" aria-hidden="true">
                <Check size={14} strokeWidth={3} />
              </span>
              <span className="clip">{choice.name}</span>
            </CheckboxButton>
          </CheckboxField>
        ))}
      </div>
    </CheckboxGroup>
  );
}
