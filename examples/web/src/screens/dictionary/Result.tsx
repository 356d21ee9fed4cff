import { useId, useState } from "react";
import { Level } from "../../components/Level";
import { AddCard } from "../../components/words/AddCard";
import { Inflections } from "../../components/words/Inflections";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { Details } from "./Details";
import { messages } from "./messages";

const RESULT = graphql(`
  fragment Result on VocabularySearchEdge {
    matchedOn
    deinflection
    node {
      id
      word
      reading
      meanings
      jlptLevel
      ...WordCard
    }
  }
`);

/** A word that was found, and why. Its details are loaded when they are opened. */
export function Result(props: { edge: FragmentType<typeof RESULT>; query: string }) {
  const text = useMessages(messages);
  const format = useFormat();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { matchedOn, deinflection, node } = readFragment(RESULT, props.edge);
  return (
    <article aria-labelledby={id}>
      <header className="row">
        <h2 id={id} lang="ja">
          {node.word} {node.reading !== node.word && <span className="muted">{node.reading}</span>}
        </h2>
        <Level level={node.jlptLevel} />
        <span className="muted">{text.matched(format.list(matchedOn.map((field) => text.fields[field])))}</span>
      </header>
      <Inflections word={node.word} steps={deinflection} form={props.query} />
      <p lang="en">{node.meanings.slice(0, 5).join("; ")}</p>
      <div className="row">
        <button aria-expanded={isOpen} aria-label={text.show(node.word)} onClick={() => setOpen(!isOpen)}>
          {text.details} {isOpen ? "▴" : "▾"}
        </button>
        <AddCard word={node} name={node.word} />
      </div>
      {isOpen && <Details id={node.id} />}
    </article>
  );
}
