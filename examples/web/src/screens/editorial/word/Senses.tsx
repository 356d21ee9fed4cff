import { Field } from "../../../components/Field";
import { useSenseNames } from "../../../components/words/senseNames";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import type { Sense } from "./wordFields";

const EMPTY: Sense = { glosses: [], partsOfSpeech: [], fields: [], misc: [], dialects: [], note: null, forms: [] };

/** The meanings of a word, most common first. Parts of speech and labels stay as they are. */
export function Senses({ senses, onChange }: { senses: Sense[]; onChange: (senses: Sense[]) => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const names = useSenseNames();
  const replace = (index: number, changed: Partial<Sense>) =>
    onChange(senses.map((sense, position) => (position === index ? { ...sense, ...changed } : sense)));
  return (
    <fieldset className="panel editorial-section">
      <legend>{text.fields.senses}</legend>
      {senses.map((sense, index) => (
        <div className="editorial-section" key={index}>
          <Field label={text.sense(index + 1)}>
            {(control) => (
              <textarea
                {...control}
                lang="en"
                rows={Math.max(2, sense.glosses.length)}
                value={sense.glosses.join("\n")}
                onChange={({ target }) => replace(index, { glosses: target.value === "" ? [] : target.value.split("\n") })}
              />
            )}
          </Field>
          <div className="row">
            <span className="muted">{format.list([names.partsOfSpeech(sense), ...names.labels(sense)].filter((name) => name !== ""))}</span>
            <button
              type="button"
              disabled={senses.length === 1}
              onClick={() => onChange(senses.filter((_, position) => position !== index))}
            >
              {text.removeSense(index + 1)}
            </button>
          </div>
        </div>
      ))}
      <div>
        <button type="button" onClick={() => onChange([...senses, EMPTY])}>
          {text.addSense}
        </button>
      </div>
    </fieldset>
  );
}
