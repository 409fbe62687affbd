import { Check, ChevronDown } from "lucide-react";
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from "react-aria-components";

export interface Choice {
  id: string;
  name: string;
  hint?: string | undefined;
}

interface Props {
  label: string;
  hideLabel?: boolean;
  value: string;
  choices: readonly Choice[];
  onChange: (id: string) => void;
  /** In the place of a value, as long as there is none. */
  placeholder?: string;
  disabled?: boolean;
  /** It opens by itself. */
  opened?: boolean;
  onClose?: () => void;
}

export function Select({
  label,
  hideLabel = false,
  value,
  choices,
  onChange,
  placeholder,
  disabled = false,
  opened = false,
  onClose,
}: Props) {
  return (
    <AriaSelect
      className="field select"
      aria-label={label}
      value={value}
      onChange={(key) => onChange(String(key))}
      isDisabled={disabled}
      defaultOpen={opened}
      onOpenChange={(open) => (open ? undefined : onClose?.())}
    >
      {hideLabel ? null : <Label>{label}</Label>}
      <Button className="input select-button">
        <SelectValue className="clip">
          {({ selectedText }) => selectedText || placeholder}
        </SelectValue>
        <ChevronDown size={16} aria-hidden="true" />
      </Button>
      <Popover className="float menu" offset={4}>
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name} className="menu-item">
              <Check size={16} className="menu-check" aria-hidden="true" />
              <span className="menu-words">
                <Text slot="label">{choice.name}</Text>
                {choice.hint ? (
                  <Text slot="description" className="meta">
                    {choice.hint}
                  </Text>
                ) : null}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
