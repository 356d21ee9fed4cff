import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, isConflict, useAction } from "../../../components/useAction";
import { LEVELS } from "../../../components/levels";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { JlptLevel } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { Conflict } from "../Conflict";
import { messages as common } from "../messages";
import { Forms } from "./Forms";
import { messages } from "./messages";
import { SaveRow } from "../SaveRow";
import { NO_SOURCE, SourceFields, toInput } from "../SourceFields";
import { Senses } from "./Senses";
import { changesOf, readValues, versionOf, WORD_DATA, type WordValues } from "./wordFields";

const CORRECT = graphql(`
  mutation CorrectEditorialWord($input: CorrectVocabularyInput!) {
    correctVocabulary(input: $input) {
      errors {
        code
        message
        path
      }
      vocabulary {
        id
        ...EditorialWord
        corrections {
          ...EditorialCorrections
        }
      }
    }
  }
`);

const FIELDS = ["word", "reading", "jlptLevel", "source", "note"];

export function WordForm(props: { word: FragmentType<typeof WORD_DATA> }) {
  const text = useMessages(messages);
  const { noLevel } = useMessages(common);
  const current = readFragment(WORD_DATA, props.word);
  // The word as it was at the first change. The current one may be newer: then saving is a conflict, which the editor resolves.
  const [edit, setEdit] = useState<{ base: typeof current; values: WordValues } | null>(null);
  const { base, values } = edit ?? { base: current, values: readValues(current) };
  const [source, setSource] = useState(NO_SOURCE);
  const [isSaved, setSaved] = useState(false);
  const [action, correct] = useAction(CORRECT, (data) => data.correctVocabulary);
  const changes = changesOf(readValues(base), values);

  const change = (changed: Partial<WordValues>) => {
    setSaved(false);
    setEdit({ base, values: { ...values, ...changed } });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = { id: base.id, expectedVersion: versionOf(base), ...toInput(source), ...changes };
    const payload = await correct({ input });
    if (!payload?.vocabulary) return;
    setEdit(null);
    setSaved(true);
  };
  const show = (shown: object) =>
    Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]));
  return (
    <form className="panel" onSubmit={(event) => void submit(event)}>
      <div className="fields">
        {(["word", "reading"] as const).map((name) => (
          <Field key={name} label={text.fields[name]} error={errorOf(action, name)}>
            {(control) => (
              <input {...control} lang="ja" value={values[name]} onChange={({ target }) => change({ [name]: target.value })} />
            )}
          </Field>
        ))}
        <Field label={text.fields.jlptLevel} error={errorOf(action, "jlptLevel")}>
          {(control) => (
            <select
              {...control}
              value={values.jlptLevel ?? ""}
              onChange={({ target }) => change({ jlptLevel: (target.value || null) as JlptLevel | null })}
            >
              <option value="">{noLevel}</option>
              {LEVELS.map((level) => (
                <option key={level}>{level}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Forms forms={values.forms} onChange={(forms) => change({ forms })} />
      <Senses senses={values.senses} onChange={(senses) => change({ senses })} />
      <SourceFields value={source} action={action} onChange={setSource} />
      {isConflict(action) && versionOf(current) !== versionOf(base) ? (
        <Conflict
          label={text.fields}
          changes={show(changes)}
          current={show(readValues(current)) as Record<keyof WordValues, string>}
          onKeep={() => setEdit({ base: current, values })}
          onDiscard={() => setEdit(null)}
        />
      ) : (
        !isConflict(action) && <ActionNotice state={action} fields={FIELDS} />
      )}
      <SaveRow label={text.correct} disabled={action.running || Object.keys(changes).length === 0} isSaved={isSaved} />
    </form>
  );
}
