import { useEffect, useRef, useState } from "react";
import { useMessages } from "../../i18n/messages";
import { Answer } from "./Answer";
import { faceOf } from "./face";
import { GradeButtons } from "./GradeButtons";
import { GRADES, type Quality } from "./grades";
import { messages } from "./messages";
import type { ShownCard } from "./order";
import { TypedAnswer } from "./TypedAnswer";
import { useShortcuts } from "./useShortcuts";
import { useTypedMode } from "./useTypedMode";

interface Props {
  shown: ShownCard;
  onGrade: (quality: Quality, durationMs: number) => void;
  /** null: there is nothing to undo. */
  onUndo: (() => void) | null;
}

/** One card: its question, and after the learner asked for it, its answer and the grades. */
export function Question({ shown, onGrade, onUndo }: Props) {
  const text = useMessages(messages);
  const { card } = shown;
  const face = faceOf(card);
  const [isTyped, setTyped] = useTypedMode();
  const [isOpen, setOpen] = useState(false);
  const [openedAt] = useState(() => performance.now());
  const panel = useRef<HTMLElement>(null);
  const show = () => setOpen(true);
  const grade = (quality: Quality) => onGrade(quality, Math.round(performance.now() - openedAt));
  useShortcuts({
    " ": isOpen ? undefined : show,
    u: onUndo ?? undefined,
    ...Object.fromEntries(GRADES.map(({ key, quality }) => [key, isOpen ? () => grade(quality) : undefined])),
  });
  // Keys reach the page, and screen readers read the card, wherever the focus was.
  useEffect(() => {
    if (!isTyped || isOpen) panel.current?.focus({ preventScroll: true });
  }, [isOpen, isTyped]);
  return (
    <section className="panel review-card" ref={panel} tabIndex={-1} aria-label={text.card} data-card={card.id}>
      <p className="muted">{text.kinds[card.kind]}</p>
      <p className="review-question" lang={card.kind === "RECALL" ? "en" : "ja"}>
        {card.kind === "RECALL" ? face.meanings.join("; ") : face.word}
      </p>
      {card.context && (card.kind !== "RECALL" || isOpen) && (
        <blockquote className="review-context" lang="ja">
          {card.context.text}
          {card.context.book && <cite className="muted"> {card.context.book.title}</cite>}
        </blockquote>
      )}
      {isTyped && <TypedAnswer card={card} isOpen={isOpen} onShow={show} />}
      {isOpen ? (
        <>
          <Answer card={card} face={face} />
          <GradeButtons shown={shown} onGrade={grade} />
        </>
      ) : (
        <button className="primary review-show" onClick={show}>
          {text.show} <kbd>{text.space}</kbd>
        </button>
      )}
      <label className="check">
        <input type="checkbox" checked={isTyped} onChange={({ target }) => setTyped(target.checked)} />
        {text.typeAnswers}
      </label>
    </section>
  );
}
