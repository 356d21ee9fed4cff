import { Field } from "../../components/Field";
import { errorOf, type ActionState } from "../../components/useAction";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

export interface Source {
  source: string;
  note: string;
}

export const NO_SOURCE: Source = { source: "", note: "" };

/** As mutations take it. */
export const toInput = ({ source, note }: Source) => ({ source, note: note || null });

/** Where corrected values come from, and why they are better. */
export function SourceFields({ value, action, onChange }: { value: Source; action: ActionState; onChange: (value: Source) => void }) {
  const text = useMessages(messages);
  return (
    <div className="fields">
      <Field label={text.source} error={errorOf(action, "source")}>
        {(control) => (
          <input {...control} required value={value.source} onChange={({ target }) => onChange({ ...value, source: target.value })} />
        )}
      </Field>
      <Field label={text.note} error={errorOf(action, "note")}>
        {(control) => <input {...control} value={value.note} onChange={({ target }) => onChange({ ...value, note: target.value })} />}
      </Field>
    </div>
  );
}
