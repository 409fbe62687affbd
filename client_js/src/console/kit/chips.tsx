/** Several values as chips, with a field to add more: from a list, or free text. */
import { X } from "lucide-react";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  useMemo,
  useRef,
  useState,
} from "react";
import {
  Button,
  ComboBox,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  Tag,
  TagGroup,
  TagList,
  Text,
} from "react-aria-components";

import type { PickSection } from "./pick";
import { reachable } from "./reachable";

export interface Chip {
  id: string;
  name: string;
  icon?: ReactNode;
  bad?: boolean;
}

interface Props {
  label: string;
  chips: readonly Chip[];
  onRemove: (id: string) => void;
  removeLabel: (name: string) => string;
  invalid?: boolean;
  disabled?: boolean;
  children: ReactNode;
}

/** The frame of chips and what adds to them. */
export function Chips(props: Props) {
  const { label, chips, onRemove, invalid = false, disabled = false } = props;
  return (
    <div className={invalid ? "chips invalid" : "chips"} role="group" aria-label={label}>
      {chips.length ? (
        <TagGroup
          aria-label={label}
          {...(disabled
            ? {}
            : { onRemove: (keys) => keys.forEach((key) => onRemove(String(key))) })}
        >
          <TagList items={chips} className="chip-list" dependencies={[disabled]}>
            {(chip) => (
              <Tag id={chip.id} textValue={chip.name} className={chip.bad ? "chip bad" : "chip"}>
                {chip.icon}
                <span className="clip" dir="auto" title={chip.name}>
                  {chip.name}
                </span>
                {disabled ? null : (
                  <Button slot="remove" aria-label={props.removeLabel(chip.name)}>
                    <X size={12} />
                  </Button>
                )}
              </Tag>
            )}
          </TagList>
        </TagGroup>
      ) : null}
      {disabled ? null : props.children}
    </div>
  );
}

interface AddProps {
  label: string;
  sections: readonly PickSection[];
  onAdd: (id: string) => void;
  none: string;
  describedBy?: string | undefined;
}

/** So many choices are drawn; more are found by typing. */
const SHOWN = 80;

export function AddChoice({ label, sections, onAdd, none, describedBy }: AddProps) {
  const [text, setText] = useState("");
  const shown = useMemo(() => matching(sections, text), [sections, text]);
  // Tab would take the first choice of the list, which opens again after each one.
  const leaving = useRef(false);
  return (
    <ComboBox
      className="chip-add"
      aria-label={label}
      {...(describedBy ? { "aria-describedby": describedBy } : {})}
      menuTrigger="focus"
      items={shown}
      inputValue={text}
      onInputChange={setText}
      value={null}
      allowsEmptyCollection
      onKeyDown={(event) => {
        if (event.key === "Escape") setText("");
      }}
      onChange={(key) => {
        if (key === null || (leaving.current && text.trim() === "")) return;
        onAdd(String(key));
        setText("");
      }}
    >
      <Input
        className="chip-input"
        placeholder={label}
        onFocus={() => {
          leaving.current = false;
        }}
        onKeyDownCapture={(event) => {
          leaving.current = event.key === "Tab";
        }}
      />
      <Popover className="float menu" offset={6}>
        <ListBox<PickSection>
          ref={reachable}
          className="pick-list"
          renderEmptyState={() => <p className="meta pick-none">{none}</p>}
        >
          {(section) => (
            <ListBoxSection id={section.id}>
              <Header className="pick-head">{section.name}</Header>
              {section.choices.map((choice) => (
                <ListBoxItem
                  key={choice.id}
                  id={choice.id}
                  textValue={choice.name}
                  className="menu-item"
                >
                  <span className="menu-words">
                    <Text slot="label">{choice.name}</Text>
                    {choice.hint ? (
                      <Text slot="description" className="meta">
                        {choice.hint}
                      </Text>
                    ) : null}
                  </span>
                </ListBoxItem>
              ))}
            </ListBoxSection>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function matching(sections: readonly PickSection[], text: string): PickSection[] {
  const wanted = text.trim().toLocaleLowerCase();
  let left = SHOWN;
  return sections
    .map((section) => {
      const choices = section.choices
        .filter(({ name, hint }) => `${name} ${hint ?? ""}`.toLocaleLowerCase().includes(wanted))
        .slice(0, left);
      left -= choices.length;
      return { ...section, choices };
    })
    .filter((section) => section.choices.length > 0);
}

interface TextProps {
  label: string;
  placeholder?: string;
  onAdd: (values: readonly string[]) => void;
  /** Backspace in an empty field takes the last one away. */
  onBack: () => void;
  inputMode?: "text" | "decimal";
  describedBy?: string | undefined;
}

/** Enter or a comma adds; what was pasted is one value a line (or between commas). */
export function AddText({ label, placeholder, onAdd, onBack, inputMode, describedBy }: TextProps) {
  const [text, setText] = useState("");
  const add = (raw: string) => {
    const values = raw
      .split(/[\n\r,;\t]+/)
      .map((value) => value.trim())
      .filter(Boolean);
    if (values.length) onAdd(values);
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.key === "Enter" || event.key === ",") && text.trim()) {
      event.preventDefault();
      add(text);
    }
    if (event.key === "Backspace" && text === "") onBack();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text");
    if (!/[\n\r,;\t]/.test(pasted)) return;
    event.preventDefault();
    add(text + pasted);
  };
  return (
    <input
      className="chip-input"
      aria-label={label}
      aria-describedby={describedBy}
      placeholder={placeholder ?? label}
      inputMode={inputMode ?? "text"}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
      onBlur={() => add(text)}
    />
  );
}
