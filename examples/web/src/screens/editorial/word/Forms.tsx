import type { FormKind } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import type { Form } from "./wordFields";

/** The spellings and readings of a word, most common first. */
export function Forms({ forms, onChange }: { forms: Form[]; onChange: (forms: Form[]) => void }) {
  const text = useMessages(messages);
  const replace = (index: number, changed: Partial<Form>) =>
    onChange(forms.map((form, position) => (position === index ? { ...form, ...changed } : form)));
  return (
    <fieldset className="panel editorial-section">
      <legend>{text.fields.forms}</legend>
      {forms.map((form, index) => (
        <div className="row" key={index}>
          <input
            aria-label={text.form(index + 1)}
            lang="ja"
            value={form.text}
            onChange={({ target }) => replace(index, { text: target.value })}
          />
          <select
            aria-label={text.kind(index + 1)}
            value={form.kind}
            onChange={({ target }) => replace(index, { kind: target.value as FormKind })}
          >
            <option value="KANJI">{text.kinds.KANJI}</option>
            <option value="KANA">{text.kinds.KANA}</option>
          </select>
          <label className="check">
            <input
              type="checkbox"
              checked={form.isCommon}
              onChange={({ target }) => replace(index, { isCommon: target.checked })}
            />{" "}
            {text.common}
          </label>
          <button
            type="button"
            disabled={forms.length === 1}
            aria-label={text.removeForm(form.text)}
            onClick={() => onChange(forms.filter((_, position) => position !== index))}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <button type="button" onClick={() => onChange([...forms, { text: "", kind: "KANA", isCommon: false, tags: [] }])}>
          {text.addForm}
        </button>
      </div>
    </fieldset>
  );
}
