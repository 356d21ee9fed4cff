import type { CombinedError } from "urql";
import { languageOf } from "../i18n/languageOf";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";

/** What went wrong, by the error's code, with the request's id for a report. */
export function ErrorNotice({ error, onRetry }: { error: CombinedError; onRetry?: () => void }) {
  const text = useMessages(messages);
  const description = useDescription(error);
  const requestId = error.graphQLErrors[0]?.extensions.requestId;
  return (
    <div role="alert" className="panel">
      <p lang={languageOf(description)}>{description}</p>
      {typeof requestId === "string" && <p className="muted">{text.request(requestId)}</p>}
      {onRetry && <button onClick={() => onRetry()}>{text.retry}</button>}
    </div>
  );
}

function useDescription({ graphQLErrors }: CombinedError): string {
  const text = useMessages(messages);
  const first = graphQLErrors[0];
  if (first === undefined) return text.unreachable;
  const { code, retryAfter } = first.extensions;
  if (code === "UNAUTHENTICATED") return text.unauthenticated;
  if (code === "RATE_LIMITED" && typeof retryAfter === "number") return text.limited(Math.ceil(retryAfter));
  return first.message || text.failed;
}
