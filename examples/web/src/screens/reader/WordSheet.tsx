import { useEffect, useRef } from "react";
import { useQuery } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Level } from "../../components/Level";
import { Spinner } from "../../components/Spinner";
import { AddCard, type Context } from "../../components/words/AddCard";
import { Inflections } from "../../components/words/Inflections";
import { WordEntry } from "../../components/words/WordEntry";
import { graphql } from "../../graphql/generated";
import type { ReaderTokenFragment } from "../../graphql/generated/graphql";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const WORD = graphql(`
  query ReaderWord($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Vocabulary {
        word
        reading
        ...WordEntry
      }
    }
  }
`);

/** The dictionary's entry of a word, below the page. Escape closes it. */
export function WordSheet({ token, context, onClose }: { token: ReaderTokenFragment; context: Context; onClose: () => void }) {
  const text = useMessages(messages);
  const sheet = useRef<HTMLElement>(null);
  const { vocabulary } = token;
  const [{ data, error }, reload] = useQuery({
    query: WORD,
    variables: { id: vocabulary?.id ?? "" },
    pause: !vocabulary,
    requestPolicy: "cache-first",
  });
  useEffect(() => sheet.current?.focus(), []);
  useEffect(() => {
    // The focus may be outside: the button that makes a card disappears when it is pressed.
    const handle = ({ key }: KeyboardEvent) => key === "Escape" && onClose();
    window.addEventListener("keydown", handle);
    return () => window.removeEventListener("keydown", handle);
  }, [onClose]);
  const word = data?.node?.__typename === "Vocabulary" ? data.node : null;
  return (
    <section
      ref={sheet}
      role="dialog"
      aria-label={text.entryOf(token.dictionaryForm)}
      className="word-sheet panel"
      tabIndex={-1}
    >
      <header className="row">
        <h2 lang="ja">
          {word?.word ?? token.dictionaryForm} <span className="muted">{word?.reading ?? token.reading}</span>
        </h2>
        <Level level={token.level} />
        <button className="close" aria-label={text.close} onClick={onClose}>
          ✕
        </button>
      </header>
      <Inflections word={token.dictionaryForm} steps={token.inflection} form={token.surface} />
      {vocabulary && <AddCard word={vocabulary} name={token.dictionaryForm} context={context} />}
      {word ? <WordEntry word={word} /> : error ? <ErrorNotice error={error} onRetry={reload} /> : <Spinner />}
    </section>
  );
}
