import { useQuery } from "urql";
import { ErrorNotice } from "../../../components/ErrorNotice";
import { LoadMore } from "../../../components/LoadMore";
import { Notice } from "../../../components/Notice";
import { Spinner } from "../../../components/Spinner";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { DictionaryFrame } from "../DictionaryFrame";
import { KanjiFilters } from "./KanjiFilters";
import { KanjiItem } from "./KanjiItem";
import { messages } from "./messages";
import { useKanjiFilter } from "./useKanjiFilter";

const KANJI = graphql(`
  query Kanji($filter: KanjiFilter!, $after: String) {
    viewer {
      id
      ...Shell
    }
    kanjiList(first: 24, after: $after, filter: $filter) {
      nodes {
        id
        ...KanjiItem
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

/** Kanji by reading, meaning, component, number of strokes and level. */
export default function Kanji() {
  const text = useMessages(messages);
  const { values, filter, choose } = useKanjiFilter();
  const [after, loadMore] = useCursor(JSON.stringify(filter));
  const [{ data, error, fetching }, reload] = useQuery({ query: KANJI, variables: { filter, after } });
  const found = data?.kanjiList;
  return (
    <DictionaryFrame>
      <KanjiFilters values={values} choose={choose} />
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {!found && fetching && <Spinner />}
      {found && (
        <div aria-busy={fetching}>
          {found.nodes.length === 0 && !fetching && <Notice>{text.none}</Notice>}
          <ul className="list kanji-list" aria-label={text.results}>
            {found.nodes.map((kanji) => (
              <li key={kanji.id} className="panel">
                <KanjiItem kanji={kanji} onComponent={(component) => choose("component", component)} />
              </li>
            ))}
          </ul>
          <LoadMore pageInfo={found.pageInfo} loading={fetching} onLoad={loadMore} />
        </div>
      )}
    </DictionaryFrame>
  );
}
