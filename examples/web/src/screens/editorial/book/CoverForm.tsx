import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import type { EditorialBookDataFragment } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

// A variable that is a file makes the request multipart.
const SET = graphql(`
  mutation SetEditorialCover($input: SetBookCoverInput!, $revisionsAfter: String) {
    setBookCover(input: $input) {
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

/** The cover, and how another one is uploaded. */
export function CoverForm({ book, disabled, onRemove }: { book: EditorialBookDataFragment; disabled: boolean; onRemove: () => void }) {
  const text = useMessages(messages);
  const { id, version: expectedVersion, coverUrl, title } = book;
  const [file, setFile] = useState<File | null>(null);
  const [action, set] = useAction(SET, (data) => data.setBookCover);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!file || !(await set({ input: { bookId: id, expectedVersion, image: { file } } }))) return;
    form.reset();
    setFile(null);
  };
  return (
    <form className="panel" aria-label={text.cover} onSubmit={(event) => void submit(event)}>
      <h3>{text.cover}</h3>
      {coverUrl && <img className="editorial-cover" src={coverUrl} alt={text.coverOf(title)} />}
      <Field label={text.coverFile} error={errorOf(action, "image")}>
        {(control) => (
          <input
            {...control}
            type="file"
            required
            accept="image/png,image/jpeg,image/webp"
            onChange={({ target }) => setFile(target.files?.[0] ?? null)}
          />
        )}
      </Field>
      <ActionNotice state={action} fields={["image"]} />
      <div className="row">
        <button disabled={action.running || file === null}>{text.uploadCover}</button>
        {coverUrl && <ConfirmButton label={text.removeCover} question={text.removeCoverQuestion} disabled={disabled} onConfirm={onRemove} />}
      </div>
    </form>
  );
}
