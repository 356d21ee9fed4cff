import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { CheckBox, Select } from "../inputs";
import { messages } from "./messages";
import { NoteTypeFields } from "./NoteTypeFields";
import { toInput, toMapping } from "./mapping";

const MAPPING_FORM = graphql(`
  fragment MappingForm on ImportAnalysis {
    decks {
      name
      cardCount
    }
    noteTypes {
      name
      noteCount
      fields {
        name
        samples
      }
      templates {
        ordinal
        name
      }
      guess {
        expression
        reading
        meaning
        sentence
        subject
        kinds
      }
    }
  }
`);

const CONFIRM_IMPORT = graphql(`
  mutation ConfirmImport($input: ConfirmImportInput!) {
    confirmImport(input: $input) {
      errors {
        code
        message
        path
      }
      import {
        id
        status
        job {
          id
          ...JobProgress
        }
        result {
          ...ImportResult
        }
      }
    }
  }
`);

/** How notes become cards, which starts with the server's guess. */
export function MappingForm({ id, ...props }: { id: string; analysis: FragmentType<typeof MAPPING_FORM> }) {
  const text = useMessages(messages);
  const { decks, noteTypes } = readFragment(MAPPING_FORM, props.analysis);
  const [state, confirm] = useAction(CONFIRM_IMPORT, (data) => data.confirmImport);
  const [mappings, setMappings] = useState(() => noteTypes.map(toMapping));
  const [omitted, setOmitted] = useState<readonly string[]>([]);
  const [unknownWords, setUnknownWords] = useState<"CREATE" | "SKIP">("CREATE");
  const imported = decks.filter(({ name }) => !omitted.includes(name)).map(({ name }) => name);
  const chosen = mappings.filter(({ included }) => included);
  return (
    <form
      className="panel"
      aria-label={text.mapping}
      onSubmit={(event) => {
        event.preventDefault();
        const input = { id, noteTypes: chosen.map(toInput), unknownWords, decks: omitted.length > 0 ? imported : null };
        void confirm({ input });
      }}
    >
      <h2>{text.mapping}</h2>
      {noteTypes.map((noteType, index) => {
        const mapping = mappings[index];
        return (
          mapping && (
            <NoteTypeFields
              key={noteType.name}
              noteType={noteType}
              mapping={mapping}
              onChange={(changed) => setMappings(mappings.with(index, changed))}
            />
          )
        );
      })}
      {decks.length > 1 && (
        <fieldset className="note-type">
          <legend>{text.decks}</legend>
          {decks.map(({ name, cardCount }) => (
            <CheckBox
              key={name}
              label={text.deck(name, cardCount)}
              value={!omitted.includes(name)}
              onChange={(isImported) => setOmitted(isImported ? omitted.filter((each) => each !== name) : [...omitted, name])}
            />
          ))}
        </fieldset>
      )}
      <Select label={text.unknownWords} value={unknownWords} options={text.unknownChoices} onChange={setUnknownWords} />
      <ActionNotice state={state} />
      <button className="primary form-end" disabled={state.running || chosen.length === 0 || (decks.length > 0 && imported.length === 0)}>
        {text.start}
      </button>
    </form>
  );
}
