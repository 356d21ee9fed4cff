import { useState } from "react";
import { useClient } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import type { CheckAnswerQuery, StudyCardFragment } from "../../graphql/generated/graphql";
import type { CombinedError } from "urql";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { CHECK_ANSWER } from "./operations";

interface Props {
  card: StudyCardFragment;
  isOpen: boolean;
  onShow: () => void;
}

/** Compares a typed answer with the card. The learner still chooses the grade. */
export function TypedAnswer({ card, isOpen, onShow }: Props) {
  const text = useMessages(messages);
  const client = useClient();
  const [checked, setChecked] = useState<CheckAnswerQuery["checkAnswer"]>();
  const [error, setError] = useState<CombinedError | null>(null);
  const [answer, setAnswer] = useState("");

  async function check() {
    onShow();
    const { data, error } = await client.query(CHECK_ANSWER, { cardId: card.id, answer }, { requestPolicy: "network-only" }).toPromise();
    setChecked(data?.checkAnswer);
    setError(error ?? null);
  }

  return (
    <>
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isOpen) void check();
        }}
      >
        <label>
          {text.answer}{" "}
          <input
            value={answer}
            onChange={({ target }) => setAnswer(target.value)}
            readOnly={isOpen}
            maxLength={300}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            lang={card.kind === "RECOGNITION" ? "en" : "ja"}
            // The learner types the answer to each card.
            autoFocus
          />
        </label>
        {!isOpen && <button>{text.check}</button>}
      </form>
      {checked && (
        <p role="status" className={checked.result === "CORRECT" ? "review-correct" : "review-wrong"} data-result={checked.result}>
          {text.results[checked.result]}
          {checked.result !== "CORRECT" && <span lang={card.kind === "RECOGNITION" ? "en" : "ja"}> {checked.expected.slice(0, 3).join("; ")}</span>}
        </p>
      )}
      {error && (error.networkError ? <p role="status">{text.notChecked}</p> : <ErrorNotice error={error} />)}
    </>
  );
}
