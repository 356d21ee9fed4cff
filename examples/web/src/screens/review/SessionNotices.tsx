import { useEffect, useState } from "react";
import type { CombinedError } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { useMessages } from "../../i18n/messages";
import { useReviewQueue } from "../../reviewQueue/ReviewQueueProvider";
import { faceOf } from "./face";
import { messages } from "./messages";

interface Props {
  sendError: CombinedError | null;
  loadError: CombinedError | null;
  onRetry: () => void;
}

/** Leeches, answers that the server rejected, and answers that wait for a connection. */
export function SessionNotices({ sendError, loadError, onRetry }: Props) {
  const text = useMessages(messages);
  const queue = useReviewQueue();
  const [leech, setLeech] = useState<string | null>(null);
  const [rejections, setRejections] = useState<readonly string[]>([]);
  useEffect(
    () =>
      queue?.onSent(({ saved, rejections }) => {
        const found = saved.find(({ becameLeech, card }) => becameLeech && card);
        if (found?.card) setLeech(faceOf(found.card).word);
        if (rejections.length > 0) setRejections(rejections.map(({ message }) => message));
      }),
    [queue],
  );
  return (
    <>
      {leech !== null && (
        <div className="panel row" role="status" data-notice="leech">
          <span>{text.becameLeech(leech)}</span>
          <button onClick={() => setLeech(null)}>{text.close}</button>
        </div>
      )}
      {rejections.length > 0 && (
        <div className="panel" role="alert">
          {rejections.map((message) => (
            <p key={message}>{message}</p>
          ))}
          <button onClick={() => setRejections([])}>{text.close}</button>
        </div>
      )}
      {sendError?.networkError && (
        <div className="panel row" role="status" data-notice="waiting">
          <span>{text.waiting}</span>
          <button onClick={() => queue?.sendNow()}>{text.sendNow}</button>
        </div>
      )}
      {sendError && !sendError.networkError && <ErrorNotice error={sendError} onRetry={() => queue?.sendNow()} />}
      {loadError && !sendError && <ErrorNotice error={loadError} onRetry={onRetry} />}
    </>
  );
}
