import { useQuery } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { LoadMore } from "../../components/LoadMore";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { useCursor } from "../../components/useCursor";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { DictionaryFrame } from "./DictionaryFrame";
import { messages } from "./messages";
import { Result } from "./Result";
import { SearchField } from "./SearchField";
import { useSearchQuery } from "./useSearchQuery";

const DICTIONARY = graphql(`
  query Dictionary($query: String!, $after: String, $isSearch: Boolean!) {
    viewer {
      id
      ...Shell
    }
    searchVocabulary(query: $query, first: 20, after: $after) @include(if: $isSearch) {
      edges {
        node {
          id
        }
        ...Result
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Search as one types. urql cancels the request of a former query when another one is sent. */
export default function Dictionary() {
  const text = useMessages(messages);
  const { query, typed, setTyped } = useSearchQuery();
  const [after, loadMore] = useCursor(query);
  const isSearch = query !== "";
  const [{ data, error, fetching }, reload] = useQuery({ query: DICTIONARY, variables: { query, after, isSearch } });
  const found = isSearch ? data?.searchVocabulary : null;
  return (
    <DictionaryFrame>
      <SearchField value={typed} onChange={setTyped} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {!isSearch && <Notice>{text.start}</Notice>}
      {isSearch && !found && fetching && <Spinner />}
      {found && (
        <div aria-busy={fetching}>
          <p className="muted" role="status">
            {found.edges.length === 0 && !fetching && text.none(query)}
          </p>
          <ol className="list results" aria-label={text.results}>
            {found.edges.map((edge) => (
              <li key={edge.node.id} className="panel">
                <Result edge={edge} query={query} />
              </li>
            ))}
          </ol>
          <LoadMore pageInfo={found.pageInfo} loading={fetching} onLoad={loadMore} />
        </div>
      )}
    </DictionaryFrame>
  );
}
