import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { useSenseNames } from "./senseNames";
import "./words.css";

export const WORD_ENTRY = graphql(`
  fragment WordEntry on Vocabulary {
    id
    word
    reading
    senses {
      partsOfSpeech
      fields
      misc
      dialects
      glosses
      note
      forms
    }
    forms {
      text
      isCommon
    }
  }
`);

/** The meanings of a word, and its other forms. */
export function WordEntry(props: { word: FragmentType<typeof WORD_ENTRY> }) {
  const text = useMessages(messages);
  const names = useSenseNames();
  const { word, reading, senses, forms } = readFragment(WORD_ENTRY, props.word);
  const others = forms.filter((form) => form.text !== word && form.text !== reading);
  return (
    <div className="word-entry">
      <ol className="senses" aria-label={text.senses}>
        {senses.map((sense, index) => (
          <li key={index}>
            <span className="muted">{names.partsOfSpeech(sense)}</span>
            {names.labels(sense).map((label) => (
              <span key={label} className="sense-label">
                {label}
              </span>
            ))}
            <div lang="en">
              {sense.glosses.join("; ")}
              {sense.note && <span className="muted"> ({sense.note})</span>}
            </div>
            {sense.forms.length > 0 && (
              <span className="muted" lang="ja">
                {text.onlyOf(sense.forms.join("、"))}
              </span>
            )}
          </li>
        ))}
      </ol>
      {others.length > 0 && (
        <p>
          <span className="muted">{text.forms}: </span>
          <span lang="ja">{others.map((form) => (form.isCommon ? form.text : `${form.text}（${text.rare}）`)).join("、")}</span>
        </p>
      )}
    </div>
  );
}
