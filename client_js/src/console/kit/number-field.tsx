import { Minus, Plus } from "lucide-react";
import { Button, Group, Input, Label, NumberField as AriaNumberField } from "react-aria-components";

interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

export function NumberField({ label, value, min, max, onChange }: Props) {
  return (
    <AriaNumberField
      className="field"
      value={value}
      minValue={min}
      maxValue={max}
      onChange={(next) => onChange(Number.isNaN(next) ? min : next)}
    >
      <Label>{label}</Label>
      <Group className="stepper">
        <Button slot="decrement" className="button icon">
          <Minus size={16} />
        </Button>
        <Input className="input num" />
        <Button slot="increment" className="button icon">
          <Plus size={16} />
        </Button>
      </Group>
    </AriaNumberField>
  );
}
