import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { LoadMore } from "../../../components/LoadMore";
import { Field } from "../../../components/Field";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { messages as common } from "../messages";
import { BookItem } from "./BookItem";
import { CreateBook } from "./CreateBook";
import { messages } from "./messages";

const BOOKS = graphql(`
  query EditorialBooks($filter: BookFilter, $after: String) {
    viewer {
      id
      ...Shell
    }
    books(first: 20, after: $after, filter: $filter) {
      nodes {
        id
        ...EditorialBookItem
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
`);

const PUBLISHED = { all: null, drafts: false, published: true } as const;
type State = keyof typeof PUBLISHED;

/** All books with drafts. */
export default function Books() {
  const text = useMessages(messages);
  const [state, setState] = useState<State>("all");
  const [search, setSearch] = useState("");
  const filter = { published: PUBLISHED[state], search: search || null };
  const [after, setAfter] = useCursor(JSON.stringify(filter));
  const [result, reload] = useQuery({ query: BOOKS, variables: { filter, after } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ books }) => (
        <div className="editorial">
          <CreateBook />
          <div className="fields">
            <Field label={text.state}>
              {(control) => (
                <select {...control} value={state} onChange={({ target }) => setState(target.value as State)}>
                  {Object.keys(PUBLISHED).map((key) => (
                    <option key={key} value={key}>
                      {text.states[key as State]}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <SearchForm onSearch={setSearch} />
          </div>
          {books && (
            <>
              <p className="muted" role="status">
                {books.totalCount === 0 ? text.none : text.count(books.totalCount)}
              </p>
              <ul className="list editorial-list">
                {books.nodes.map((book) => (
                  <BookItem key={book.id} book={book} />
                ))}
              </ul>
              <LoadMore pageInfo={books.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </>
          )}
        </div>
      )}
    </EditorialScreen>
  );
}

function SearchForm({ onSearch }: { onSearch: (search: string) => void }) {
  const text = useMessages(messages);
  const { search } = useMessages(common);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSearch(String(new FormData(event.currentTarget).get("search") ?? "").trim());
  };
  return (
    <form role="search" className="search" onSubmit={submit}>
      <Field label={text.titleOrAuthor}>{(control) => <input {...control} type="search" name="search" maxLength={100} />}</Field>
      <button>{search}</button>
    </form>
  );
}
