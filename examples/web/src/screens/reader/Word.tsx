import { Ruby } from "../../components/words/Ruby";
import type { WordState } from "../../components/words/wordState";
import type { ReaderTokenFragment } from "../../graphql/generated/graphql";

/** A word of the page: a button if the dictionary has it. `state`: null without the viewer's cards.
 *
 * Not the element `button`, which browsers treat as a box: a line could then start with the full stop after it. */
export function Word({ token, state, description, withReading, isOpen, onOpen }: {
  token: ReaderTokenFragment;
  state: WordState | null;
  description: string | undefined;
  withReading: boolean;
  isOpen: boolean;
  onOpen: () => void;
}) {
  const text = withReading ? <Ruby parts={token.furigana} /> : token.surface;
  if (!token.vocabulary) return <span>{text}</span>;
  return (
    <span
      role="button"
      tabIndex={0}
      className="word"
      data-state={state ?? undefined}
      aria-haspopup="dialog"
      aria-expanded={isOpen}
      aria-description={description}
      onClick={onOpen}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onOpen();
      }}
    >
      {text}
    </span>
  );
}
