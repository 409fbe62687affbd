import type { ReactNode, Ref } from "react";
import {
  Button as AriaButton,
  type ButtonProps,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";

import { Keys } from "./keys";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Props extends Omit<ButtonProps, "className" | "style"> {
  look?: Look;
  size?: "small" | "large";
  wide?: boolean;
  icon?: ReactNode;
  /** The shortcut, shown inside. */
  keys?: string;
  children: ReactNode;
}

export function Button({ look = "plain", size, wide, icon, keys, children, ...rest }: Props) {
  const name = ["button", look, size, wide ? "wide" : ""].filter(Boolean).join(" ");
  return (
    <AriaButton {...rest} className={name}>
      {icon}
      <span className="clip">{children}</span>
      {keys ? <Keys keys={keys} /> : null}
    </AriaButton>
  );
}

interface IconProps extends Omit<ButtonProps, "className" | "style" | "children"> {
  label: string;
  keys?: string;
  look?: Look;
  size?: "small" | "large";
  pressed?: boolean;
  place?: "top" | "right" | "bottom" | "left";
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
}

/** A button of one icon: its name is heard by readers and shown on hover and focus. */
export function IconButton(props: IconProps) {
  const { label, keys, look = "quiet", size, pressed, place = "bottom", children, ...rest } = props;
  const name = ["button", "icon", look, size].filter(Boolean).join(" ");
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      <AriaButton
        {...rest}
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        className={name}
      >
        {children}
      </AriaButton>
      <Hint place={place} keys={keys}>
        {label}
      </Hint>
    </TooltipTrigger>
  );
}

export function Hint(props: {
  place?: "top" | "right" | "bottom" | "left";
  keys?: string | undefined;
  children: ReactNode;
}) {
  return (
    <Tooltip className="hint" placement={props.place ?? "bottom"} offset={6}>
      {props.children}
      {props.keys ? <Keys keys={props.keys} /> : null}
    </Tooltip>
  );
}
