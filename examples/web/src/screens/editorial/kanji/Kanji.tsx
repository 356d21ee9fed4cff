import { useQuery } from "urql";
import { useParams } from "wouter";
import { Notice } from "../../../components/Notice";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { Corrections } from "../Corrections";
import { EditorialScreen } from "../EditorialScreen";
import { KanjiForm } from "./KanjiForm";
import { messages } from "./messages";

const KANJI = graphql(`
  query EditorialKanji($id: ID!) {
    viewer {
      id
      ...Shell
    }
    node(id: $id) {
      id
      ... on Kanji {
        id
        character
        ...EditorialKanjiData
        corrections {
          ...EditorialCorrections
        }
      }
    }
  }
`);

/** A kanji, and its corrections. */
export default function Kanji() {
  const text = useMessages(messages);
  const { id = "" } = useParams();
  const [result, reload] = useQuery({ query: KANJI, variables: { id } });
  return (
    <EditorialScreen state={result} onRetry={reload}>
      {({ node }) =>
        node?.__typename === "Kanji" ? (
          <article className="editorial" key={node.id}>
            <h2 lang="ja">{node.character}</h2>
            <KanjiForm kanji={node} />
            <Corrections corrections={node.corrections} />
          </article>
        ) : (
          <Notice>{text.notFound}</Notice>
        )
      }
    </EditorialScreen>
  );
}
