import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./diff.css";

/** Another editor has changed the object since the form was opened: both values of each field, and the decision. */
export function Conflict<Field extends string>({ label, changes, current, onKeep, onDiscard }: {
  label: Record<Field, string>;
  changes: Partial<Record<Field, string>>;
  current: Record<Field, string>;
  onKeep: () => void;
  onDiscard: () => void;
}) {
  const text = useMessages(messages);
  const fields = Object.keys(changes) as Field[];
  return (
    <div role="alert" className="panel conflict">
      <p>{text.conflict}</p>
      <dl>
        {fields.map((field) => (
          <div key={field}>
            <dt>{label[field]}</dt>
            <dd>
              {text.theirs}: <span>{current[field]}</span>
            </dd>
            <dd>
              {text.yours}: <span>{changes[field]}</span>
            </dd>
          </div>
        ))}
      </dl>
      <div className="row">
        <button type="button" onClick={onKeep}>
          {text.keepMine}
        </button>
        <button type="button" onClick={onDiscard}>
          {text.takeTheirs}
        </button>
      </div>
    </div>
  );
}
