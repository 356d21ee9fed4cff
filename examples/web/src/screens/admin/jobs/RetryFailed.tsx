import { useState } from "react";
import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import type { JobKind } from "../../../graphql/generated/graphql";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const RETRY_FAILED = graphql(`
  mutation RetryFailedJobs($input: RetryFailedJobsInput!) {
    retryFailedJobs(input: $input) {
      errors {
        code
        message
        path
      }
      retriedCount
    }
  }
`);

/** Retries the oldest hundred failed jobs of a kind. */
export function RetryFailed({ kind, onRetried }: { kind: JobKind; onRetried: () => void }) {
  const text = useMessages(messages);
  const [count, setCount] = useState<number | null>(null);
  const [action, run] = useAction(RETRY_FAILED, (data) => data.retryFailedJobs);
  const retry = async () => {
    const payload = await run({ input: { kind, first: 100 } });
    if (!payload) return;
    setCount(payload.retriedCount);
    onRetried();
  };
  return (
    <>
      <button disabled={action.running} onClick={() => void retry()}>
        {text.retryAll}
      </button>
      {count !== null && <span role="status">{text.retried(count)}</span>}
      <ActionNotice state={action} />
    </>
  );
}
