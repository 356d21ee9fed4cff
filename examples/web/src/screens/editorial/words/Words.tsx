import { type FormEvent } from "react";
import { useQuery } from "urql";
import { Link, useSearchParams } from "wouter";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { messages as common } from "../messages";
import { Correction } from "./Correction";
import { messages } from "./messages";

// The schema has no list for an empty search: the first view has the newest corrections only.
const WORDS = graphql(`
  query EditorialWords($query: String!, $searches: Boolean!, $after: String) {
    viewer {
      id
      ...Shell
    }
    searchVocabulary(query: $query, first: 20) @include(if: $searches) {
      nodes {
        id
        word
        reading
        meanings
      }
    }
    searchKanji(query: $query, first: 5) @include(if: $searches) {
      nodes {
        id
        character
        meanings
      }
    }
    editorial {
      corrections(first: 20, after: $after) {
        nodes {
          id
          ...EditorialCorrection
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** A search for words to correct, and all corrections of the dictionary. */
export default function Words() {
  const text = useMessages(messages);
  const { search } = useMessages(common);
  const [address, setAddress] = useSearchParams();
  const query = address.get("q") ?? "";
  const [after, setAfter] = useCursor("");
  const [result, reload] = useQuery({ query: WORDS, variables: { query, searches: query !== "", after } });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setAddress({ q: String(new FormData(event.currentTarget).get("q") ?? "").trim() });
  };
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ searchVocabulary, searchKanji, editorial }) => (
        <div className="editorial">
          <form role="search" className="search" onSubmit={submit}>
            <Field label={text.word}>
              {(control) => <input {...control} key={query} type="search" name="q" defaultValue={query} maxLength={100} />}
            </Field>
            <button>{search}</button>
          </form>
          {query !== "" && searchVocabulary && (
            <section className="panel" aria-label={text.results}>
              {searchVocabulary.nodes.length + (searchKanji?.nodes.length ?? 0) === 0 && <p role="status">{text.noResult}</p>}
              <ul className="list editorial-list">
                {searchVocabulary.nodes.map(({ id, word, reading, meanings }) => (
                  <li key={id}>
                    <Link href={`/editorial/words/${id}`} lang="ja">
                      {word} {reading !== word && `【${reading}】`}
                    </Link>
                    <span lang="en">{meanings.join("; ")}</span>
                  </li>
                ))}
                {searchKanji?.nodes.map(({ id, character, meanings }) => (
                  <li key={id}>
                    <Link href={`/editorial/kanji/${id}`} lang="ja">
                      {character}
                    </Link>
                    <span lang="en">{meanings.join("; ")}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          {editorial?.corrections && (
            <section className="panel editorial-section">
              <h2>{text.corrections}</h2>
              {editorial.corrections.nodes.length === 0 && <p className="muted">{text.noCorrections}</p>}
              <ul className="list editorial-list">
                {editorial.corrections.nodes.map((correction) => (
                  <Correction key={correction.id} correction={correction} linked />
                ))}
              </ul>
              <LoadMore pageInfo={editorial.corrections.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </section>
          )}
        </div>
      )}
    </EditorialScreen>
  );
}
