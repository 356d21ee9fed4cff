import { useQuery } from "urql";
import { Link } from "wouter";
import { ErrorNotice } from "../../../components/ErrorNotice";
import { Spinner } from "../../../components/Spinner";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { StrokeOrder } from "../StrokeOrder";
import { messages } from "./messages";

const STROKES = graphql(`
  query KanjiStrokes($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Kanji {
        character
        strokes {
          path
        }
        vocabulary(first: 6) {
          nodes {
            id
            word
            reading
            meanings
          }
        }
      }
    }
  }
`);

/** How a kanji is written, and words with it. */
export function KanjiStrokes({ id }: { id: string }) {
  const text = useMessages(messages);
  const [{ data, error }, reload] = useQuery({ query: STROKES, variables: { id }, requestPolicy: "cache-first" });
  if (error) return <ErrorNotice error={error} onRetry={reload} />;
  if (data?.node?.__typename !== "Kanji") return <Spinner />;
  const { character, strokes, vocabulary } = data.node;
  return (
    <div className="kanji">
      {strokes.length > 0 ? (
        <StrokeOrder character={character} paths={strokes.map(({ path }) => path)} />
      ) : (
        <p className="muted">{text.noStrokes}</p>
      )}
      <ul className="list" aria-label={text.words}>
        {vocabulary?.nodes.map((word) => (
          <li key={word.id}>
            <Link href={`/dictionary?q=${encodeURIComponent(word.word)}`} lang="ja">
              {word.word}
            </Link>{" "}
            <span className="muted" lang="ja">
              {word.reading}
            </span>{" "}
            <span lang="en">{word.meanings[0]}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
