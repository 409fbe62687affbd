/** One of many, found by typing: for lists too long for `Select`. */
import { Check, ChevronDown, Search } from "lucide-react";
import type { ReactNode } from "react";
import {
  Autocomplete,
  Button,
  Header,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  SearchField,
  Select as AriaSelect,
  Text,
  useFilter,
} from "react-aria-components";

import { reachable } from "./reachable";
import type { Choice } from "./select";

export interface PickSection {
  id: string;
  name: string;
  choices: readonly Choice[];
}

interface Props {
  label: string;
  hideLabel?: boolean;
  /** "" while nothing is chosen. */
  value: string;
  sections: readonly PickSection[];
  onChange: (id: string) => void;
  placeholder: string;
  find: string;
  none: string;
  /** Shown when the value is none of the choices. */
  unknown?: string | undefined;
  invalid?: boolean;
  disabled?: boolean;
  describedBy?: string | undefined;
  look?: "field" | "small";
  /** It opens by itself. */
  opened?: boolean;
  onClose?: () => void;
}

export function Pick(props: Props) {
  const { label, hideLabel = false, value, sections, onChange, invalid = false } = props;
  const chosen = sections.flatMap((one) => one.choices).find((one) => one.id === value);
  return (
    <AriaSelect
      className="field select pick"
      aria-label={label}
      value={value || null}
      placeholder={props.placeholder}
      isInvalid={invalid}
      isDisabled={props.disabled ?? false}
      defaultOpen={props.opened ?? false}
      onOpenChange={(open) => (open ? undefined : props.onClose?.())}
      onChange={(key) => (key === null ? undefined : onChange(String(key)))}
    >
      {hideLabel ? null : <Label>{label}</Label>}
      <Button
        className={`input select-button ${props.look === "small" ? "small" : ""}`}
        {...(props.describedBy ? { "aria-describedby": props.describedBy } : {})}
      >
        <span className={chosen || value ? "clip" : "clip placeholder"}>
          {chosen?.name ?? (value ? (props.unknown ?? value) : props.placeholder)}
        </span>
        <ChevronDown size={16} aria-hidden="true" />
      </Button>
      <Popover className="float menu pick-menu" offset={4}>
        <Choices sections={sections} find={props.find} none={props.none} />
      </Popover>
    </AriaSelect>
  );
}

function Choices({ sections, find, none }: Lists) {
  const { contains } = useFilter({ sensitivity: "base" });
  return (
    <Autocomplete filter={contains}>
      <SearchField aria-label={find} className="pick-find" autoFocus>
        <Search size={14} aria-hidden="true" />
        <Input placeholder={find} />
      </SearchField>
      <ListBox
        ref={reachable}
        items={sections.filter((section) => section.choices.length > 0)}
        className="pick-list"
        renderEmptyState={() => <p className="meta pick-none">{none}</p>}
      >
        {(section) => (
          <ListBoxSection id={section.id}>
            {section.name ? <Header className="pick-head">{section.name}</Header> : <Header />}
            {section.choices.map(item)}
          </ListBoxSection>
        )}
      </ListBox>
    </Autocomplete>
  );
}

type Lists = { sections: readonly PickSection[]; find: string; none: string };

const item = (choice: Choice): ReactNode => (
  <ListBoxItem
    key={choice.id}
    id={choice.id}
    textValue={`${choice.name} ${choice.hint ?? ""}`}
    className="menu-item"
  >
    <Check size={16} className="menu-check" aria-hidden="true" />
    <span className="menu-words">
      <Text slot="label">{choice.name}</Text>
      {choice.hint ? (
        <Text slot="description" className="meta clip">
          {choice.hint}
        </Text>
      ) : null}
    </span>
  </ListBoxItem>
);
