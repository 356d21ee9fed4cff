import { useQuery } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { LoadMore } from "../../components/LoadMore";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { useCursor } from "../../components/useCursor";
import { graphql } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { BookCard } from "./BookCard";
import { Filters } from "./Filters";
import { messages } from "./messages";
import { useBookFilter } from "./useBookFilter";
import "./library.css";

const LIBRARY = graphql(`
  query Library($after: String, $filter: BookFilter, $orderBy: BookOrder) {
    viewer {
      id
      ...Shell
    }
    books(first: 24, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      nodes {
        id
        ...BookCard
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** All books, by level, known words and progress. */
export default function Library() {
  const text = useMessages(messages);
  const format = useFormat();
  const filter = useBookFilter();
  const [after, loadMore] = useCursor(JSON.stringify(filter.variables));
  const [{ data, error, fetching }, reload] = useQuery({ query: LIBRARY, variables: { ...filter.variables, after } });
  const books = data?.books;
  return (
    <>
      <Heading title={text.title} />
      <Filters {...filter} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {!books && fetching && <Spinner />}
      {books && (
        <div aria-busy={fetching}>
          <p className="muted" role="status">
            {text.books(format.number(books.totalCount))}
          </p>
          {books.nodes.length === 0 && !fetching && <Notice>{text.none}</Notice>}
          <ul className="list book-list">
            {books.nodes.map((book) => (
              <li key={book.id}>
                <BookCard book={book} />
              </li>
            ))}
          </ul>
          <LoadMore pageInfo={books.pageInfo} loading={fetching} onLoad={loadMore} />
        </div>
      )}
    </>
  );
}
