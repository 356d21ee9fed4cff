import { useQuery } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Spinner } from "../../components/Spinner";
import { WordEntry } from "../../components/words/WordEntry";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { KanjiDetails } from "./KanjiDetails";
import { messages } from "./messages";
import { Sentence } from "./Sentence";

const DETAILS = graphql(`
  query WordDetails($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Vocabulary {
        ...WordEntry
        examples {
          japanese
          ...Sentence
        }
        kanji {
          id
          ...KanjiDetails
        }
      }
    }
    exampleSentences(vocabularyId: $id, first: 5) {
      nodes {
        japanese
        ...Sentence
      }
    }
  }
`);

/** Everything about a word: meanings, forms, sentences and kanji. */
export function Details({ id }: { id: string }) {
  const text = useMessages(messages);
  const [{ data, error }, reload] = useQuery({ query: DETAILS, variables: { id }, requestPolicy: "cache-first" });
  if (error) return <ErrorNotice error={error} onRetry={reload} />;
  if (data?.node?.__typename !== "Vocabulary") return <Spinner />;
  // A new server finds the sentences with a word in the background; before, a word has its own examples only.
  const found = data.exampleSentences?.nodes ?? [];
  const sentences = found.length > 0 ? found : data.node.examples;
  return (
    <div className="details">
      <WordEntry word={data.node} />
      <h3>{text.examples}</h3>
      {sentences.length === 0 && <p className="muted">{text.noExamples}</p>}
      <ul className="list">
        {sentences.map((sentence) => (
          <Sentence key={sentence.japanese} sentence={sentence} />
        ))}
      </ul>
      {data.node.kanji.length > 0 && <h3>{text.kanji}</h3>}
      <ul className="list kanji-list">
        {data.node.kanji.map((kanji) => (
          <KanjiDetails key={kanji.id} kanji={kanji} />
        ))}
      </ul>
    </div>
  );
}
