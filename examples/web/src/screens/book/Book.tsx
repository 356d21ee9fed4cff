import { useQuery } from "urql";
import { Link, useParams } from "wouter";
import { useSession } from "../../app/session";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Level } from "../../components/Level";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { ScreenError } from "../../components/ScreenError";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { unsavedPage } from "../reader/positions";
import { Coverage } from "./Coverage";
import { messages } from "./messages";
import { WordsToLearn } from "./WordsToLearn";
import "./book.css";

const BOOK = graphql(`
  query Book($id: ID!) {
    viewer {
      id
      ...Shell
    }
    book(id: $id) {
      id
      title
      titleReading
      author
      jlptLevel
      originalYear
      pageCount
      hasText
      description
      coverage {
        ...Coverage
      }
      progress {
        id
        status
        currentPage
      }
      ...WordsToLearn
    }
  }
`);

/** What a learner wants to know before reading a book. */
export default function Book() {
  const text = useMessages(messages);
  const { id = "" } = useParams();
  const [{ data, error }, reload] = useQuery({ query: BOOK, variables: { id } });
  const book = data?.book;
  if (!book) {
    if (error) return <ScreenError error={error} onRetry={reload} />;
    return book === null ? <Heading title={text.noBook} /> : <Spinner />;
  }
  return (
    <>
      <Heading lang="ja" title={book.title} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      <p className="muted" lang="ja">
        {book.titleReading} {book.author}
      </p>
      <p className="row">
        <Level level={book.jlptLevel} />
        <span>{text.pages(book.pageCount)}</span>
        {book.originalYear && <span className="muted">{text.year(book.originalYear)}</span>}
      </p>
      <p lang="en">{book.description}</p>
      {book.hasText ? <ReadLink {...book} /> : <Notice>{text.noText}</Notice>}
      <div className="grid">
        {book.coverage && <Coverage coverage={book.coverage} />}
        <WordsToLearn book={book} />
      </div>
    </>
  );
}

/** To the page on which the viewer stopped, in this browser or, as the server says, in another one. */
function ReadLink({ id, progress }: {
  id: string;
  progress?: { status: "NOT_STARTED" | "READING" | "FINISHED"; currentPage: number } | null;
}) {
  const text = useMessages(messages);
  const { user } = useSession();
  const unsaved = user ? unsavedPage(user.name, id) : undefined;
  const page = unsaved ?? (progress?.status === "READING" ? progress.currentPage : 1);
  const label = unsaved || progress?.status === "READING" ? text.continue(page) : progress?.status === "FINISHED" ? text.again : text.start;
  return (
    <p>
      <Link className="read-link" href={`/books/${id}/${page}`}>
        {label}
      </Link>
    </p>
  );
}
