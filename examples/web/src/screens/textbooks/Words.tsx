import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const WORDS = graphql(`
  fragment Words on Chapter {
    id
    vocabulary {
      id
      word
      reading
      meanings
      card {
        id
        state
      }
    }
  }
`);

/** The words of a chapter, with the state of the viewer's cards. */
export function Words(props: { chapter: FragmentType<typeof WORDS> }) {
  const text = useMessages(messages);
  const { vocabulary } = readFragment(WORDS, props.chapter);
  return (
    <section>
      <h2>{text.words}</h2>
      <div className="scroll" tabIndex={0} role="group" aria-label={text.words}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.word}</th>
              <th scope="col">{text.reading}</th>
              <th scope="col">{text.meaning}</th>
              <th scope="col">{text.card}</th>
            </tr>
          </thead>
          <tbody>
            {vocabulary.map(({ id, word, reading, meanings, card }) => (
              <tr key={id}>
                <td lang="ja">{word}</td>
                <td lang="ja">{reading}</td>
                <td lang="en">{meanings.join("; ")}</td>
                <td className="muted">{card ? text.cardStates[card.state] : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
