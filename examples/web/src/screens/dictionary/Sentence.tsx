import { Ruby } from "../../components/words/Ruby";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";

const SENTENCE = graphql(`
  fragment Sentence on ExampleSentence {
    english
    tokens {
      furigana {
        text
        reading
      }
    }
  }
`);

export function Sentence(props: { sentence: FragmentType<typeof SENTENCE> }) {
  const { english, tokens } = readFragment(SENTENCE, props.sentence);
  return (
    <li className="sentence">
      <p lang="ja">
        {tokens.map(({ furigana }, index) => (
          <Ruby key={index} parts={furigana} />
        ))}
      </p>
      <p className="muted" lang="en">
        {english}
      </p>
    </li>
  );
}
