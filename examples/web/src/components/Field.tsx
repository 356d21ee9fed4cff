import { useId, type ReactNode } from "react";
import { languageOf } from "../i18n/languageOf";
import "./field.css";

interface Control {
  id: string;
  "aria-invalid"?: true;
  "aria-describedby"?: string;
}

/** A labelled input with its error. `children` renders the input with the given attributes. */
export function Field({ label, error, children }: { label: string; error?: string; children: (control: Control) => ReactNode }) {
  const id = useId();
  const control: Control = error === undefined ? { id } : { id, "aria-invalid": true, "aria-describedby": `${id}-error` };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(control)}
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert" lang={languageOf(error)}>
          {error}
        </p>
      )}
    </div>
  );
}
