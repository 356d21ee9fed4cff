import { useState } from "react";
import { ActionNotice } from "../../components/ActionNotice";
import { useAction } from "../../components/useAction";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { EXTEND_LIMITS } from "./operations";
import { VARIABLES } from "./useLoadedSession";

const MORE_NEW = 10;
const MORE_REVIEWS = 50;

/** Nothing to study: when the next card is due, and more for today. */
export function EmptySession({ nextDueAt }: { nextDueAt: string | null }) {
  const text = useMessages(messages);
  const format = useFormat();
  const [state, extend] = useAction(EXTEND_LIMITS, (data) => data.extendTodayLimits);
  // A repeated request after a failure extends the limits once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const more = (numbers: { newCards?: number; reviews?: number }) =>
    void extend({ ...VARIABLES, input: { ...numbers, idempotencyKey: `${idempotencyKey} ${Object.keys(numbers).join()}` } });
  return (
    <section className="panel" aria-labelledby="empty-session">
      <h2 id="empty-session">{text.empty}</h2>
      <p>{nextDueAt ? text.nextDue(format.dateTime(nextDueAt)) : text.noneDue}</p>
      <div className="row">
        <button disabled={state.running} onClick={() => more({ newCards: MORE_NEW })}>
          {text.moreNew(MORE_NEW)}
        </button>
        <button disabled={state.running} onClick={() => more({ reviews: MORE_REVIEWS })}>
          {text.moreReviews(MORE_REVIEWS)}
        </button>
      </div>
      <ActionNotice state={state} />
    </section>
  );
}
