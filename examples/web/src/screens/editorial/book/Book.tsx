import { useState } from "react";
import { useQuery } from "urql";
import { Link, useLocation, useParams, useSearchParams } from "wouter";
import { ActionNotice } from "../../../components/ActionNotice";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { Notice } from "../../../components/Notice";
import { useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { BookForm } from "./BookForm";
import { messages } from "./messages";
import { PageEditor } from "./PageEditor";
import { Revisions } from "./Revisions";

const BOOK = graphql(`
  query EditorialBook($id: ID!, $page: Int!, $revisionsAfter: String) {
    viewer {
      id
      ...Shell
    }
    book(id: $id) {
      id
      title
      version
      hasText
      ...EditorialBookData
      ...EditorialPage
      ...EditorialRevisions
    }
  }
`);

const DELETE = graphql(`
  mutation DeleteEditorialBook($input: DeleteBookInput!) {
    deleteBook(input: $input) {
      errors {
        code
        message
        path
      }
      deletedId
      book {
        id
        ...EditorialBookData
      }
    }
  }
`);

/** A book with its data, the text of one page, and what was changed. */
export default function Book() {
  const text = useMessages(messages);
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const [revisionsAfter, setRevisionsAfter] = useState<string>();
  const page = Math.max(1, Math.trunc(Number(search.get("page"))) || 1);
  const [result, reload] = useQuery({ query: BOOK, variables: { id, page, revisionsAfter } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ book }) =>
        book ? (
          <article className="editorial" key={book.id}>
            <h2>
              <span lang="ja">{book.title}</span> <Link href={`/books/${book.id}`}>{text.read}</Link>
            </h2>
            <BookForm book={book} />
            {book.hasText && <PageEditor book={book} number={page} onOpen={(number) => setSearch({ page: String(number) })} />}
            <Revisions book={book} page={page} loading={result.fetching} onLoad={setRevisionsAfter} />
            <DeleteBook id={book.id} version={book.version} />
          </article>
        ) : (
          <Notice>{text.notFound}</Notice>
        )
      }
    </EditorialScreen>
  );
}

function DeleteBook({ id, version }: { id: string; version: number }) {
  const text = useMessages(messages);
  const [, navigate] = useLocation();
  const [action, run] = useAction(DELETE, (data) => data.deleteBook);
  const remove = async () => {
    if (await run({ input: { id, expectedVersion: version } })) navigate("/editorial/trash");
  };
  return (
    <>
      <ActionNotice state={action} />
      <ConfirmButton label={text.delete} question={text.deleteQuestion} disabled={action.running} onConfirm={() => void remove()} />
    </>
  );
}
