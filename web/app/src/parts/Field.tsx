/** A labelled text field with its hint and its error, tied together for screen readers. */
import { Input } from "react-aria-components/Input";
import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { Icon } from "./Icon.tsx";

export interface FieldProps extends Omit<TextFieldProps, "children" | "className" | "style"> {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  readonly placeholder?: string;
}

export function Field({ label, hint, error, placeholder, ...rest }: FieldProps) {
  return (
    <TextField {...rest} className="field" isInvalid={error !== undefined && error !== null} validationBehavior="aria">
      <Label>{label}</Label>
      <Input className="input" placeholder={placeholder ?? ""} />
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
    </TextField>
  );
}

export interface SearchFieldProps extends Omit<TextFieldProps, "children" | "className" | "style"> {
  readonly label: string;
}

export function SearchBox({ label, ...rest }: SearchFieldProps) {
  return (
    <TextField {...rest} type="search" className="search" aria-label={label}>
      <Icon name="search" small />
      <Input className="input" placeholder={label} autoComplete="off" spellCheck={false} />
    </TextField>
  );
}
