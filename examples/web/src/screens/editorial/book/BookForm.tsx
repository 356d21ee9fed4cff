import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { errorOf, isConflict, useAction } from "../../../components/useAction";
import { LEVELS } from "../../../components/levels";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { EditorialBookDataFragment, UpdateBookInput } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { BOOK_DATA, BOOK_FIELDS, readValues, toInput, type BookField, type BookValues } from "./bookFields";
import { Conflict } from "../Conflict";
import { SaveRow } from "../SaveRow";
import { messages } from "./messages";
import { CoverForm } from "./CoverForm";
import { Publication, type PublicationChange } from "./Publication";

const UPDATE = graphql(`
  mutation UpdateEditorialBook($input: UpdateBookInput!, $revisionsAfter: String) {
    updateBook(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        id
        ...EditorialBookData
        ...EditorialRevisions
      }
    }
  }
`);

interface Edit {
  base: EditorialBookDataFragment;
  changes: Partial<BookValues>;
}

export function BookForm(props: { book: FragmentType<typeof BOOK_DATA> }) {
  const text = useMessages(messages);
  const current = readFragment(BOOK_DATA, props.book);
  // The book as it was at the first change. The current one may be newer: then saving is a conflict, which the editor resolves.
  const [edit, setEdit] = useState<Edit | null>(null);
  const { base, changes } = edit ?? { base: current, changes: {} };
  const [isSaved, setSaved] = useState(false);
  const [action, update] = useAction(UPDATE, (data) => data.updateBook);
  const values = { ...readValues(base), ...changes };

  const change = (field: BookField, value: string) => {
    setSaved(false);
    const { [field]: _, ...others } = changes;
    const changed = value === readValues(base)[field] ? others : { ...others, [field]: value };
    setEdit(Object.keys(changed).length === 0 ? null : { base, changes: changed });
  };
  // What the editor has typed stays after a change of the publication.
  const run = async (values: Omit<UpdateBookInput, "id" | "expectedVersion">, rest: Partial<BookValues>) => {
    const payload = await update({ input: { id: base.id, expectedVersion: base.version, ...values } });
    if (!payload?.book) return;
    const book = readFragment(BOOK_DATA, payload.book);
    setEdit(Object.keys(rest).length > 0 ? { base: book, changes: rest } : null);
    setSaved(true);
  };
  const publish = (change: PublicationChange) => void run(change, changes);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(toInput(changes), {});
  };
  const input = (field: BookField, attributes: { lang?: string; type?: string } = {}) => (
    <Field label={text.fields[field]} error={errorOf(action, field)}>
      {(control) => (
        <input {...control} {...attributes} value={values[field]} onChange={({ target }) => change(field, target.value)} />
      )}
    </Field>
  );
  return (
    <>
      <form className="panel" onSubmit={submit}>
        <h3>{text.data}</h3>
        <div className="fields">
          {input("title", { lang: "ja" })}
          {input("titleReading", { lang: "ja" })}
          {input("author", { lang: "ja" })}
          <Field label={text.fields.jlptLevel} error={errorOf(action, "jlptLevel")}>
            {(control) => (
              <select {...control} value={values.jlptLevel} onChange={({ target }) => change("jlptLevel", target.value)}>
                {LEVELS.map((level) => (
                  <option key={level}>{level}</option>
                ))}
              </select>
            )}
          </Field>
          {input("originalYear", { type: "number" })}
        </div>
        <Field label={text.fields.description} error={errorOf(action, "description")}>
          {(control) => (
            <textarea {...control} lang="en" value={values.description} onChange={({ target }) => change("description", target.value)} />
          )}
        </Field>
        {isConflict(action) && current.version !== base.version ? (
          <Conflict
            label={text.fields}
            changes={changes}
            current={readValues(current)}
            onKeep={() => setEdit({ base: current, changes })}
            onDiscard={() => setEdit(null)}
          />
        ) : (
          !isConflict(action) && <ActionNotice state={action} fields={[...BOOK_FIELDS, "publishAt"]} />
        )}
        <SaveRow disabled={action.running || Object.keys(changes).length === 0} isSaved={isSaved} />
        <Publication book={current} error={errorOf(action, "publishAt")} disabled={action.running} onChange={publish} />
      </form>
      <CoverForm book={current} disabled={action.running} onRemove={() => publish({ coverUrl: null })} />
    </>
  );
}
