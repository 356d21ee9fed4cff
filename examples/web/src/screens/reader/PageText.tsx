import { useMemo, useRef, useState } from "react";
import { useSession } from "../../app/session";
import { messages as wordMessages } from "../../components/words/messages";
import { WORD_CARD, wordState } from "../../components/words/wordState";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { paragraphs, sentenceAround, TOKEN, type Placed } from "./tokens";
import type { Furigana } from "./useFurigana";
import { Word } from "./Word";
import { WordSheet } from "./WordSheet";

const PAGE_TEXT = graphql(`
  fragment PageText on BookPage {
    number
    tokens {
      ...ReaderToken
    }
  }
`);

/** The text of a page, with the entry of the word that is open. */
export function PageText(props: { page: FragmentType<typeof PAGE_TEXT>; bookId: string; furigana: Furigana }) {
  const text = useMessages(wordMessages);
  const { user } = useSession();
  const page = readFragment(PAGE_TEXT, props.page);
  const tokens = useMemo(() => readFragment(TOKEN, page.tokens), [page.tokens]);
  const lines = useMemo(() => paragraphs(tokens), [tokens]);
  const [open, setOpen] = useState<number | null>(null);
  const article = useRef<HTMLElement>(null);
  const opened = open === null ? undefined : tokens[open];

  function close() {
    article.current?.querySelector<HTMLElement>("[aria-expanded=true]")?.focus();
    setOpen(null);
  }

  function renderWord({ token, index }: Placed) {
    const state = user && token.vocabulary ? wordState(readFragment(WORD_CARD, token.vocabulary)) : null;
    return (
      <Word
        key={index}
        token={token}
        state={state}
        description={state ? text.states[state] : undefined}
        withReading={props.furigana === "all" || (props.furigana === "unknown" && state !== "known")}
        isOpen={index === open}
        onOpen={() => setOpen(index)}
      />
    );
  }

  return (
    <>
      <article ref={article} className="page-text" lang="ja">
        {lines.map((line, number) => (
          <p key={number}>{line.map(renderWord)}</p>
        ))}
      </article>
      {open !== null && opened && (
        <WordSheet
          key={open}
          token={opened}
          context={{ text: sentenceAround(tokens, open), bookId: props.bookId, page: page.number }}
          onClose={close}
        />
      )}
    </>
  );
}
