/** Choosing one of few, and yes or no. */
import type { ReactNode } from "react";
import { Checkbox } from "react-aria-components/Checkbox";
import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import type { Priority } from "@wardline/api";
import { t } from "../text/index.ts";
import { Icon, PriorityShape } from "./Icon.tsx";

const PRIORITIES = ["routine", "urgent", "critical"] as const;

export function PriorityPicker({ value, onChange }: { value: Priority; onChange: (priority: Priority) => void }) {
  return (
    <RadioGroup className="segments" aria-label={t.priority.label} orientation="horizontal" value={value} onChange={(next) => onChange(next as Priority)}>
      {PRIORITIES.map((priority) => (
        <Radio key={priority} value={priority} className={`segment ${priority}`}>
          {priority !== "routine" && <PriorityShape priority={priority} />}
          {t.priority[priority]}
        </Radio>
      ))}
    </RadioGroup>
  );
}

export interface TickProps {
  readonly isSelected: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly children: ReactNode;
}

export function Tick({ children, isDisabled = false, ...rest }: TickProps) {
  return (
    <Checkbox {...rest} isDisabled={isDisabled} className="toggle">
      <span className="box" aria-hidden="true">
        <Icon name="check" />
      </span>
      {children}
    </Checkbox>
  );
}
