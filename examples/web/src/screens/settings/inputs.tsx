// Labelled inputs of one setting each.
import { useId } from "react";
import { Field } from "../../components/Field";

interface Props<Value> {
  label: string;
  value: Value;
  error?: string;
  onChange: (value: Value) => void;
}

/** An empty input has the value NaN, and the browser does not submit it. */
export function NumberInput({ label, value, error, onChange, min, max, step = 1 }: Props<number> & { min: number; max: number; step?: number }) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <input
          {...control}
          type="number"
          required
          min={min}
          max={max}
          step={step}
          value={Number.isNaN(value) ? "" : value}
          onChange={({ target }) => onChange(target.valueAsNumber)}
        />
      )}
    </Field>
  );
}

export function Select<Value extends string>({ label, value, error, onChange, options }: Props<Value> & { options: Partial<Record<Value, string>> }) {
  return (
    <Field label={label} error={error}>
      {(control) => (
        <select {...control} value={value} onChange={({ target }) => onChange(target.value as Value)}>
          {Object.entries<string | undefined>(options).map(([name, shown]) => (
            <option key={name} value={name}>
              {shown}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function TextInput({ label, value, error, onChange, options, ...rest }: Props<string> & {
  options?: readonly string[];
  required?: boolean;
  pattern?: string;
  title?: string;
  lang?: string;
}) {
  const list = useId();
  return (
    <Field label={label} error={error}>
      {(control) => (
        <>
          <input {...control} {...rest} list={options && list} value={value} onChange={({ target }) => onChange(target.value)} />
          {options && (
            <datalist id={list}>
              {options.map((option) => (
                <option key={option}>{option}</option>
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

export function CheckBox({ label, value, onChange }: Props<boolean>) {
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={({ target }) => onChange(target.checked)} /> {label}
    </label>
  );
}
