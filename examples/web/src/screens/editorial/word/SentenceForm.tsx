import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { SaveRow } from "../SaveRow";
import { NO_SOURCE, SourceFields, toInput } from "../SourceFields";
import { messages } from "./messages";

const SENTENCE = graphql(`
  fragment EditorialSentence on ExampleSentence {
    position
    japanese
    english
  }
`);

const VERSIONS = graphql(`
  fragment SentenceVersions on Vocabulary {
    id
    corrections {
      id
      kind
      state
      position
      version
    }
  }
`);

const CORRECT = graphql(`
  mutation CorrectEditorialSentence($input: CorrectSentenceInput!) {
    correctSentence(input: $input) {
      errors {
        code
        message
        path
      }
      vocabulary {
        id
        examples {
          position
          ...EditorialSentence
        }
        corrections {
          ...EditorialCorrections
        }
        ...SentenceVersions
      }
    }
  }
`);

/** Corrects an example sentence of a word. */
export function SentenceForm(props: { sentence: FragmentType<typeof SENTENCE>; word: FragmentType<typeof VERSIONS> }) {
  const text = useMessages(messages);
  const { position, ...current } = readFragment(SENTENCE, props.sentence);
  const { id, corrections } = readFragment(VERSIONS, props.word);
  const [values, setValues] = useState<{ japanese?: string; english?: string }>({});
  const [source, setSource] = useState(NO_SOURCE);
  const [isSaved, setSaved] = useState(false);
  const [action, correct] = useAction(CORRECT, (data) => data.correctSentence);
  const active = corrections?.find((one) => one.kind === "SENTENCE" && one.state === "ACTIVE" && one.position === position);
  const fields = ["japanese", "english"] as const;
  const isChanged = fields.some((field) => values[field] !== undefined && values[field] !== current[field]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = { vocabularyId: id, position, expectedVersion: active?.version ?? 0, ...toInput(source), ...values };
    if (!(await correct({ input }))) return;
    setValues({});
    setSource(NO_SOURCE);
    setSaved(true);
  };
  return (
    <form aria-label={text.japanese(position + 1)} onSubmit={(event) => void submit(event)}>
      {fields.map((field) => (
        <Field key={field} label={text[field](position + 1)} error={errorOf(action, field)}>
          {(control) => (
            <input
              {...control}
              lang={field === "japanese" ? "ja" : "en"}
              value={values[field] ?? current[field]}
              onChange={({ target }) => {
                setSaved(false);
                setValues({ ...values, [field]: target.value });
              }}
            />
          )}
        </Field>
      ))}
      {isChanged && <SourceFields value={source} action={action} onChange={setSource} />}
      <ActionNotice state={action} fields={[...fields, "source", "note"]} />
      <SaveRow
        label={text.correctSentence(position + 1)}
        disabled={action.running || !isChanged}
        isSaved={isSaved}
        isPrimary={false}
      />
    </form>
  );
}
