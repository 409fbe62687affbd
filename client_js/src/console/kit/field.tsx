import { Eye, EyeOff } from "lucide-react";
import { useState, type ReactNode, type RefObject } from "react";
import {
  FieldError,
  Input,
  Label,
  SearchField,
  SwitchButton,
  SwitchField,
  Text,
  TextField,
  type TextFieldProps,
} from "react-aria-components";
import { Search, X } from "lucide-react";
import { Button as AriaButton } from "react-aria-components";

import { texts } from "../texts";
import { IconButton } from "./button";

interface FieldProps extends Omit<TextFieldProps, "className" | "style" | "children"> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

export function Field({ label, hint, error, ...rest }: FieldProps) {
  return (
    <TextField {...rest} isInvalid={Boolean(error)} className="field">
      <Label>{label}</Label>
      <Input className="input" />
      {hint ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}

/** A password that can be looked at. */
export function PasswordField({ label, hint, error, ...rest }: FieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...rest}
      type={shown ? "text" : "password"}
      isInvalid={Boolean(error)}
      className="field"
    >
      <Label>{label}</Label>
      <div className="input-with">
        <Input className="input" />
        <IconButton
          size="small"
          label={shown ? texts.signIn.hide : texts.signIn.show}
          onPress={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} /> : <Eye size={16} />}
        </IconButton>
      </div>
      {hint ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}

interface FinderProps {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  input?: RefObject<HTMLInputElement | null>;
  focus?: boolean;
}

export function Finder({ label, placeholder, value, onChange, input, focus = false }: FinderProps) {
  return (
    <SearchField
      className="finder"
      aria-label={label}
      value={value}
      onChange={onChange}
      autoFocus={focus}
    >
      <Search size={16} aria-hidden="true" />
      <Input ref={input ?? null} className="input" placeholder={placeholder ?? label} />
      <AriaButton className="button icon quiet small finder-clear">
        <X size={14} />
      </AriaButton>
    </SearchField>
  );
}

interface SwitchProps {
  label: ReactNode;
  /** Heard instead of the label, where that changes with the state. */
  name?: string;
  hint?: ReactNode;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}

export function Switch({ label, name, hint, on, onChange, disabled = false }: SwitchProps) {
  return (
    <SwitchField
      isSelected={on}
      onChange={onChange}
      isDisabled={disabled}
      {...(name ? { "aria-label": name } : {})}
    >
      <SwitchButton className="switch">
        <span className="switch-words">
          <span>{label}</span>
          {hint ? <span className="field-hint">{hint}</span> : null}
        </span>
        <span className="switch-track" aria-hidden="true">
          <i />
        </span>
      </SwitchButton>
    </SwitchField>
  );
}
