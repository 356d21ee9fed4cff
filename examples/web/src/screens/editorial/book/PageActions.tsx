import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { Field } from "../../../components/Field";
import { errorOf, useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

graphql(`
  fragment EditorialPages on Book {
    id
    pageCount
    ...EditorialRevisions
  }
`);

// The cache forgets the pages of the book, whose numbers change.
const INSERT = graphql(`
  mutation InsertEditorialPage($input: InsertBookPageInput!, $revisionsAfter: String) {
    insertBookPage(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        ...EditorialPages
      }
    }
  }
`);

const MOVE = graphql(`
  mutation MoveEditorialPage($input: MoveBookPageInput!, $revisionsAfter: String) {
    moveBookPage(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        ...EditorialPages
      }
    }
  }
`);

const DELETE = graphql(`
  mutation DeleteEditorialPage($input: DeleteBookPageInput!, $revisionsAfter: String) {
    deleteBookPage(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        ...EditorialPages
      }
    }
  }
`);

interface Props {
  book: { id: string; version: number; pageCount: number };
  number: number;
  onOpen: (number: number) => void;
}

/** Moves and deletes the page, and inserts another one. */
export function PageActions({ book, number, onOpen }: Props) {
  const text = useMessages(messages);
  const { id: bookId, version: expectedVersion, pageCount } = book;
  const [toNumber, setToNumber] = useState(number);
  const [moving, move] = useAction(MOVE, (data) => data.moveBookPage);
  const [deleting, remove] = useAction(DELETE, (data) => data.deleteBookPage);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await move({ input: { bookId, expectedVersion, number, toNumber } })) onOpen(toNumber);
  };
  const confirm = async () => {
    if (await remove({ input: { bookId, expectedVersion, number } })) onOpen(Math.min(number, pageCount - 1));
  };
  return (
    <>
      <form onSubmit={(event) => void submit(event)}>
        <Field label={text.newNumber} error={errorOf(moving, "toNumber")}>
          {(control) => (
            <input
              {...control}
              type="number"
              required
              min={1}
              max={pageCount}
              value={Number.isNaN(toNumber) ? "" : toNumber}
              onChange={({ target }) => setToNumber(target.valueAsNumber)}
            />
          )}
        </Field>
        <ActionNotice state={moving} fields={["toNumber"]} />
        <div className="row">
          <button disabled={moving.running || toNumber === number}>{text.movePage}</button>
        </div>
      </form>
      <ActionNotice state={deleting} />
      {pageCount > 1 && (
        <div>
          <ConfirmButton
            label={text.deletePage}
            question={text.deletePageQuestion}
            disabled={deleting.running}
            onConfirm={() => void confirm()}
          />
        </div>
      )}
      <InsertPage book={book} number={number} onOpen={onOpen} />
    </>
  );
}

function InsertPage({ book, number, onOpen }: Props) {
  const text = useMessages(messages);
  const [draft, setDraft] = useState("");
  const [inserting, insert] = useAction(INSERT, (data) => data.insertBookPage);
  const run = async (newNumber: number) => {
    const input = { bookId: book.id, expectedVersion: book.version, number: newNumber, text: draft, format: "AOZORA" } as const;
    if (await insert({ input })) onOpen(newNumber);
  };
  return (
    <details>
      <summary>{text.insertPage}</summary>
      <div className="editorial-section">
        <Field label={text.newText} error={errorOf(inserting, "text")}>
          {(control) => <textarea {...control} lang="ja" rows={8} value={draft} onChange={({ target }) => setDraft(target.value)} />}
        </Field>
        <ActionNotice state={inserting} fields={["text"]} />
        <div className="row">
          {([number, number + 1] as const).map((newNumber) => (
            <button key={newNumber} disabled={inserting.running || draft.trim() === ""} onClick={() => void run(newNumber)}>
              {newNumber === number ? text.insertBefore : text.insertAfter}
            </button>
          ))}
        </div>
      </div>
    </details>
  );
}
