import { Level } from "../../components/Level";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { Readings } from "./Readings";
import { StrokeOrder } from "./StrokeOrder";

const KANJI = graphql(`
  fragment KanjiDetails on Kanji {
    id
    character
    meanings
    onyomi
    kunyomi
    strokeCount
    jlptLevel
    strokes {
      path
    }
  }
`);

/** A kanji with its readings, and how it is written. */
export function KanjiDetails(props: { kanji: FragmentType<typeof KANJI> }) {
  const text = useMessages(messages);
  const { character, meanings, onyomi, kunyomi, strokeCount, jlptLevel, strokes } = readFragment(KANJI, props.kanji);
  return (
    <li className="kanji">
      {strokes.length > 0 && <StrokeOrder character={character} paths={strokes.map(({ path }) => path)} />}
      <div>
        <p className="row">
          <strong lang="ja">{character}</strong>
          <Level level={jlptLevel} />
          <span className="muted">{text.strokes(strokeCount)}</span>
        </p>
        <p lang="en">{meanings.slice(0, 5).join("; ")}</p>
        <Readings onyomi={onyomi} kunyomi={kunyomi} />
      </div>
    </li>
  );
}
