/** Buttons of one size for fingers, with a state for "it is being done". */
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import { Icon, type IconName } from "./Icon.tsx";

export interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style"> {
  readonly look?: "primary" | "secondary" | "quiet" | "danger" | "critical";
  readonly icon?: IconName;
  readonly wide?: boolean;
  readonly busy?: boolean;
  readonly children: ReactNode;
}

/** While it is being done it keeps the focus and takes no second press. */
const BUSY = { type: "button", onPress: () => undefined, "aria-disabled": true } as const;

export function Button({ look = "secondary", icon, wide = false, busy = false, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} {...(busy && BUSY)} className={`button ${look}${wide ? " wide" : ""}`}>
      {busy ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} small />}
      {children}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style"> {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
}

export function IconButton({ icon, label, pressed, ...rest }: IconButtonProps) {
  return (
    <AriaButton {...rest} aria-label={label} className={`icon-button${pressed ? " pressed" : ""}`} {...(pressed !== undefined && { "aria-pressed": pressed })}>
      <Icon name={icon} />
    </AriaButton>
  );
}
