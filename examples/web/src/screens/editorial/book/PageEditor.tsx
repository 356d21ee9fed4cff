import { useState, type FormEvent } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { Notice } from "../../../components/Notice";
import { errorOf, isConflict, useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import type { EditorialPageFragment } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { Conflict } from "../Conflict";
import { SaveRow } from "../SaveRow";
import { messages } from "./messages";
import { PageActions } from "./PageActions";

const PAGE = graphql(`
  fragment EditorialPage on Book {
    id
    version
    pageCount
    page(number: $page) {
      number
      source
    }
  }
`);

const UPDATE = graphql(`
  mutation UpdateEditorialPage($input: UpdateBookPageInput!, $page: Int!, $revisionsAfter: String) {
    updateBookPage(input: $input) {
      errors {
        code
        message
        path
      }
      book {
        id
        ...EditorialPage
        ...EditorialRevisions
      }
      job {
        id
      }
    }
  }
`);

export function PageEditor({ book, number, onOpen }: {
  book: FragmentType<typeof PAGE>;
  number: number;
  onOpen: (number: number) => void;
}) {
  const text = useMessages(messages);
  const data = readFragment(PAGE, book);
  const { page, pageCount } = data;
  return (
    <section className="panel editorial-section">
      <h3>{text.page(number, pageCount)}</h3>
      <div className="row">
        <button disabled={number <= 1} onClick={() => onOpen(number - 1)}>
          {text.previous}
        </button>
        <button disabled={number >= pageCount} onClick={() => onOpen(number + 1)}>
          {text.next}
        </button>
      </div>
      {page ? page.number === number && <PageForm key={number} book={data} page={page} /> : <Notice>{text.noPage}</Notice>}
      {page?.number === number && <PageActions key={`actions ${number}`} book={data} number={number} onOpen={onOpen} />}
    </section>
  );
}

function PageForm({ book, page }: { book: EditorialPageFragment; page: { number: number; source: string } }) {
  const text = useMessages(messages);
  // The version at the first change: if the book has a newer one, saving is a conflict.
  const [edit, setEdit] = useState<{ version: number; draft: string } | null>(null);
  const { version, draft } = edit ?? { version: book.version, draft: page.source };
  const [job, setJob] = useState<string | null>();
  const [action, update] = useAction(UPDATE, (data) => data.updateBookPage);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { number } = page;
    const input = { bookId: book.id, expectedVersion: version, number, text: draft, format: "AOZORA" } as const;
    const payload = await update({ input, page: number });
    if (!payload?.book) return;
    setEdit(null);
    setJob(payload.job?.id ?? null);
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Field label={text.pageText} error={errorOf(action, "text")}>
        {(control) => (
          <textarea
            {...control}
            lang="ja"
            rows={14}
            value={draft}
            onChange={({ target }) => {
              setEdit({ version, draft: target.value });
              setJob(undefined);
            }}
          />
        )}
      </Field>
      <p className="muted">{text.marks}</p>
      {isConflict(action) && version !== book.version ? (
        <Conflict
          label={{ text: text.pageText }}
          changes={{ text: draft }}
          current={{ text: page.source }}
          onKeep={() => setEdit({ version: book.version, draft })}
          onDiscard={() => setEdit(null)}
        />
      ) : (
        !isConflict(action) && <ActionNotice state={action} fields={["text"]} />
      )}
      <SaveRow disabled={action.running || edit === null} isSaved={job !== undefined}>
        {job && ` ${text.analysis}`}
      </SaveRow>
    </form>
  );
}
