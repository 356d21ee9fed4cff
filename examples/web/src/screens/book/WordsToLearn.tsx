import { Link } from "wouter";
import { AddCard } from "../../components/words/AddCard";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const WORDS = graphql(`
  fragment WordsToLearn on Book {
    wordsToLearn(first: 10, target: 0.98) {
      occurrences
      vocabulary {
        id
        word
        reading
        meanings
        ...WordCard
      }
    }
  }
`);

/** The words whose cards make the text easier to read, most frequent first. */
export function WordsToLearn(props: { book: FragmentType<typeof WORDS> }) {
  const text = useMessages(messages);
  const { wordsToLearn } = readFragment(WORDS, props.book);
  if (!wordsToLearn?.length) return null;
  return (
    <section className="panel">
      <h2>{text.toLearn}</h2>
      <p className="muted">{text.toLearnHint}</p>
      <ul className="list words-to-learn">
        {wordsToLearn.map(({ occurrences, vocabulary }) => (
          <li key={vocabulary.id}>
            <div>
              <Link href={`/dictionary?q=${encodeURIComponent(vocabulary.word)}`} lang="ja">
                {vocabulary.word}
              </Link>{" "}
              <span className="muted">
                <span lang="ja">{vocabulary.reading}</span> · {text.occurrences(occurrences)}
              </span>
              <div lang="en">{vocabulary.meanings.slice(0, 3).join("; ")}</div>
            </div>
            <AddCard word={vocabulary} name={vocabulary.word} />
          </li>
        ))}
      </ul>
    </section>
  );
}
