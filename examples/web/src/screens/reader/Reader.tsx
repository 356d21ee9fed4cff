import { useEffect } from "react";
import { useClient, useQuery } from "urql";
import { Link, useLocation, useParams } from "wouter";
import { useSession } from "../../app/session";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { PageText } from "./PageText";
import { storePosition } from "./positions";
import { Questions } from "./Questions";
import { Toolbar } from "./Toolbar";
import { useFurigana } from "./useFurigana";
import { usePageKeys } from "./usePageKeys";
import "./reader.css";

const READER = graphql(`
  query Reader($id: ID!, $number: Int!) {
    viewer {
      id
      ...Shell
    }
    book(id: $id) {
      id
      title
      pageCount
      hasText
      page(number: $number) {
        number
        ...PageText
      }
      exercises {
        id
        ...Question
      }
    }
  }
`);

/** A page of a book. */
export default function Reader() {
  const text = useMessages(messages);
  const { id = "", page = "" } = useParams();
  const number = Math.max(1, Math.trunc(Number(page)) || 1);
  // Pages that were loaded, or prefetched, are not requested again.
  const [{ data, error }, reload] = useQuery({ query: READER, variables: { id, number }, requestPolicy: "cache-first" });
  const [furigana, setFurigana] = useFurigana();
  const [, navigate] = useLocation();
  const book = data?.book?.id === id ? data.book : null;
  const isLoaded = book?.page?.number === number;
  const addressOf = (other: number) => (book && other >= 1 && other <= book.pageCount ? `/books/${id}/${other}` : undefined);
  const [previous, next] = [addressOf(number - 1), addressOf(number + 1)];
  usePageKeys(previous ? () => navigate(previous) : undefined, next ? () => navigate(next) : undefined);
  useOpenPage(id, number, isLoaded, next !== undefined);

  if (error && !isLoaded) return <ScreenError error={error} onRetry={reload} />;
  if (data?.book === null) return <Heading title={text.noBook} />;
  if (!book || (book.page && !isLoaded)) return <Spinner />;
  return (
    <>
      <Heading lang="ja" title={`${book.title} (${number}/${book.pageCount})`}>
        <Link href={`/books/${id}`}>{book.title}</Link>
      </Heading>
      {book.page ? (
        <>
          {error && <ErrorNotice error={error} onRetry={reload} />}
          <Toolbar {...{ number, pageCount: book.pageCount, previous, next, furigana, setFurigana }} />
          <PageText key={number} page={book.page} bookId={id} furigana={furigana} />
          {next ? (
            <p>
              <Link className="next" href={next}>
                {text.next} →
              </Link>
            </p>
          ) : (
            <Questions exercises={book.exercises} />
          )}
        </>
      ) : (
        <Notice>{book.hasText ? text.noPage(book.pageCount) : text.noText}</Notice>
      )}
    </>
  );
}

/** Saves the position in the book, and loads the next page while this one is read. */
function useOpenPage(id: string, number: number, isLoaded: boolean, hasNext: boolean) {
  const client = useClient();
  const { user } = useSession();
  useEffect(() => {
    if (!isLoaded) return;
    if (user !== null) storePosition(client, user.name, id, number);
    if (hasNext) void client.query(READER, { id, number: number + 1 }, { requestPolicy: "cache-first" }).toPromise();
  }, [client, user, id, number, isLoaded, hasNext]);
}
