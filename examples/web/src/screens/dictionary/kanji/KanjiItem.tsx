import { useId, useState } from "react";
import { Level } from "../../../components/Level";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { Readings } from "../Readings";
import { KanjiStrokes } from "./KanjiStrokes";
import { messages } from "./messages";

const ITEM = graphql(`
  fragment KanjiItem on Kanji {
    id
    character
    meanings
    onyomi
    kunyomi
    strokeCount
    jlptLevel
    components
  }
`);

/** A kanji that was found. Its components search for others; its strokes and words are loaded when they are opened. */
export function KanjiItem(props: { kanji: FragmentType<typeof ITEM>; onComponent: (component: string) => void }) {
  const text = useMessages(messages);
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { id: kanjiId, character, meanings, strokeCount, jlptLevel, components, ...readings } = readFragment(ITEM, props.kanji);
  return (
    <article aria-labelledby={id} data-kanji={character}>
      <header className="row">
        <h2 id={id} className="kanji-character" lang="ja">
          {character}
        </h2>
        <Level level={jlptLevel} />
        <span className="muted">{text.strokes(strokeCount)}</span>
      </header>
      <p lang="en">{meanings.slice(0, 5).join("; ")}</p>
      <Readings {...readings} />
      {components.length > 0 && (
        <div className="row" role="group" aria-label={text.components}>
          {components.map((component) => (
            <button key={component} lang="ja" aria-label={text.withComponent(component)} onClick={() => props.onComponent(component)}>
              {component}
            </button>
          ))}
        </div>
      )}
      <p>
        <button aria-expanded={isOpen} aria-label={text.show(character)} onClick={() => setOpen(!isOpen)}>
          {text.writing} {isOpen ? "▴" : "▾"}
        </button>
      </p>
      {isOpen && <KanjiStrokes id={kanjiId} />}
    </article>
  );
}
