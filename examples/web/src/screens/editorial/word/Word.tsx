import { useQuery } from "urql";
import { Link, useParams } from "wouter";
import { Notice } from "../../../components/Notice";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { EditorialScreen } from "../EditorialScreen";
import { Corrections } from "../Corrections";
import { messages } from "./messages";
import { SentenceForm } from "./SentenceForm";
import { WordForm } from "./WordForm";

const WORD = graphql(`
  query EditorialWord($id: ID!) {
    viewer {
      id
      ...Shell
    }
    node(id: $id) {
      id
      ... on Vocabulary {
        id
        word
        ...EditorialWord
        examples {
          position
          ...EditorialSentence
        }
        kanji {
          id
          character
        }
        corrections {
          ...EditorialCorrections
        }
        ...SentenceVersions
      }
    }
  }
`);

/** A word of the dictionary, and its corrections. */
export default function Word() {
  const text = useMessages(messages);
  const { id = "" } = useParams();
  const [result, reload] = useQuery({ query: WORD, variables: { id } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ node }) =>
        node?.__typename === "Vocabulary" ? (
          <article className="editorial" key={node.id}>
            <h2 lang="ja">{node.word}</h2>
            <WordForm word={node} />
            {node.examples.length > 0 && (
              <section className="panel editorial-section">
                <h3>{text.examples}</h3>
                {node.examples.map((sentence) => (
                  <SentenceForm key={sentence.position} sentence={sentence} word={node} />
                ))}
              </section>
            )}
            {node.kanji.length > 0 && (
              <p className="row">
                {text.kanji}:
                {node.kanji.map(({ id, character }) => (
                  <Link key={id} href={`/editorial/kanji/${id}`} lang="ja">
                    {character}
                  </Link>
                ))}
              </p>
            )}
            <Corrections corrections={node.corrections ?? []} />
          </article>
        ) : (
          <Notice>{text.notFound}</Notice>
        )
      }
    </EditorialScreen>
  );
}
