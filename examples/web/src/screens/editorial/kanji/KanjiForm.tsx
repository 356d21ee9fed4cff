import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { SaveRow } from "../SaveRow";
import { NO_SOURCE, SourceFields, toInput } from "../SourceFields";
import { messages } from "./messages";

const DATA = graphql(`
  fragment EditorialKanjiData on Kanji {
    id
    meanings
    onyomi
    kunyomi
    nanori
    corrections {
      id
      state
      version
    }
  }
`);

const CORRECT = graphql(`
  mutation CorrectEditorialKanji($input: CorrectKanjiInput!) {
    correctKanji(input: $input) {
      errors {
        code
        message
        path
      }
      kanji {
        id
        ...EditorialKanjiData
        corrections {
          ...EditorialCorrections
        }
      }
    }
  }
`);

const FIELDS = ["meanings", "onyomi", "kunyomi", "nanori"] as const;
type Values = Partial<Record<(typeof FIELDS)[number], string>>;

const toLines = (values: readonly string[]): string => values.join("\n");
const toValues = (lines: string): string[] => lines.split("\n").flatMap((line) => line.trim() || []);

/** Meanings and readings, one a line. */
export function KanjiForm(props: { kanji: FragmentType<typeof DATA> }) {
  const text = useMessages(messages);
  const current = readFragment(DATA, props.kanji);
  const [values, setValues] = useState<Values>({});
  const [source, setSource] = useState(NO_SOURCE);
  const [isSaved, setSaved] = useState(false);
  const [action, correct] = useAction(CORRECT, (data) => data.correctKanji);
  const active = current.corrections.find(({ state }) => state === "ACTIVE");
  const changed = FIELDS.filter((field) => values[field] !== undefined && values[field] !== toLines(current[field]));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const lists = Object.fromEntries(changed.map((field) => [field, toValues(values[field] ?? "")]));
    if (!(await correct({ input: { id: current.id, expectedVersion: active?.version ?? 0, ...toInput(source), ...lists } }))) return;
    setValues({});
    setSource(NO_SOURCE);
    setSaved(true);
  };
  return (
    <form className="panel" onSubmit={(event) => void submit(event)}>
      <div className="fields">
        {FIELDS.map((field) => (
          <Field key={field} label={text.fields[field]} error={errorOf(action, field)}>
            {(control) => (
              <textarea
                {...control}
                lang={field === "meanings" ? "en" : "ja"}
                value={values[field] ?? toLines(current[field])}
                onChange={({ target }) => {
                  setSaved(false);
                  setValues({ ...values, [field]: target.value });
                }}
              />
            )}
          </Field>
        ))}
      </div>
      <SourceFields value={source} action={action} onChange={setSource} />
      <ActionNotice state={action} fields={[...FIELDS, "source", "note"]} />
      <SaveRow label={text.correct} disabled={action.running || changed.length === 0} isSaved={isSaved} />
    </form>
  );
}
