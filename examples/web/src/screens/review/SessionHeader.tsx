import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import type { useStudySession } from "./useStudySession";

/** What the limits of the day still allow, and what is not sent yet. */
export function SessionHeader({ study }: { study: ReturnType<typeof useStudySession> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const limits = study.viewer?.dashboard?.limits;
  return (
    <div className="row review-header">
      <dl className="review-counts">
        <Count name="new-left" label={text.newLeft} value={format.number(limits?.newLeft ?? 0)} />
        <Count name="reviews-left" label={text.reviewsLeft} value={format.number(limits?.reviewsLeft ?? 0)} />
        <Count name="pending" label={text.pending} value={format.number(study.pending.length)} />
      </dl>
      <button disabled={!study.canUndo} onClick={study.undo}>
        {text.undo} <kbd>u</kbd>
      </button>
    </div>
  );
}

function Count({ name, label, value }: { name: string; label: string; value: string }) {
  return (
    <div data-count={name}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
