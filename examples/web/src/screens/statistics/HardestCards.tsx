import { Link } from "wouter";
import { DataTable } from "../../components/DataTable";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const HARDEST_CARDS = graphql(`
  fragment HardestCards on Statistics {
    hardestCards(first: 10) {
      reviews
      retention
      card {
        id
        kind
        lapses
        leech
        subject {
          ... on Vocabulary {
            id
            word
            reading
          }
          ... on Kanji {
            id
            character
          }
          ... on CustomVocabulary {
            id
            word
          }
        }
      }
    }
  }
`);

/** The cards that were forgotten most often. */
export function HardestCards(props: { statistics: FragmentType<typeof HARDEST_CARDS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const cards = readFragment(HARDEST_CARDS, props.statistics).hardestCards;
  return (
    <section className="panel">
      <h2>{text.hardest}</h2>
      <DataTable
        label={text.hardest}
        empty={text.noneForgotten}
        rows={cards}
        keyOf={({ card }) => card.id}
        columns={[
          {
            label: text.card,
            cell: ({ card }) => (
              <>
                <Subject subject={card.subject} /> <span className="muted">{text.kinds[card.kind]}</span>
                {card.leech && <strong> {text.leech}</strong>}
              </>
            ),
          },
          { label: text.lapses, cell: ({ card }) => format.number(card.lapses) },
          { label: text.reviews, cell: ({ reviews }) => format.number(reviews) },
          { label: text.retention, cell: ({ retention }) => (typeof retention === "number" ? format.percent(retention) : "–") },
        ]}
      />
    </section>
  );
}

type Subjects =
  | { __typename: "Vocabulary"; word: string; reading: string }
  | { __typename: "Kanji"; character: string }
  | { __typename: "CustomVocabulary"; word: string };

function Subject({ subject }: { subject: Subjects }) {
  const word = subject.__typename === "Kanji" ? subject.character : subject.word;
  return (
    <>
      <Link href={`/dictionary?q=${encodeURIComponent(word)}`}>
        <span lang="ja">{word}</span>
      </Link>{" "}
      {subject.__typename === "Vocabulary" && subject.reading !== word && <span lang="ja">（{subject.reading}）</span>}
    </>
  );
}
