import { useState } from "react";
import { useMutation } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
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
  const [{ data, error, fetching }, extend] = useMutation(EXTEND_LIMITS);
  // A repeated request after a failure extends the limits once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const more = (numbers: { newCards?: number; reviews?: number }) =>
    void extend({ ...VARIABLES, input: { ...numbers, idempotencyKey: `${idempotencyKey} ${Object.keys(numbers).join()}` } });
  const userError = data?.extendTodayLimits?.errors[0];
  return (
    <section className="panel" aria-labelledby="empty-session">
      <h2 id="empty-session">{text.empty}</h2>
      <p>{nextDueAt ? text.nextDue(format.dateTime(nextDueAt)) : text.noneDue}</p>
      <div className="row">
        <button disabled={fetching} onClick={() => more({ newCards: MORE_NEW })}>
          {text.moreNew(MORE_NEW)}
        </button>
        <button disabled={fetching} onClick={() => more({ reviews: MORE_REVIEWS })}>
          {text.moreReviews(MORE_REVIEWS)}
        </button>
      </div>
      {userError && <p role="alert">{userError.message}</p>}
      {error && <ErrorNotice error={error} />}
    </section>
  );
}
