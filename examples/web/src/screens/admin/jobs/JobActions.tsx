import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const JOB = graphql(`
  fragment AdminJob on ManagedJob {
    jobId
    kind
    status
  }
`);

const CANCEL = graphql(`
  mutation CancelManagedJob($input: CancelJobInput!) {
    cancelJob(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        id
        status
      }
    }
  }
`);

const RETRY = graphql(`
  mutation RetryManagedJob($input: RetryJobInput!) {
    retryJob(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        id
        status
      }
    }
  }
`);

/** Cancels a job that is not finished, and retries one that failed or was cancelled. */
export function JobActions(props: { job: FragmentType<typeof JOB> }) {
  const text = useMessages(messages);
  const { jobId, kind, status } = readFragment(JOB, props.job);
  const [cancelling, cancel] = useAction(CANCEL, (data) => data.cancelJob);
  const [retrying, retry] = useAction(RETRY, (data) => data.retryJob);
  const isRetryable = status === "FAILED" || status === "CANCELLED";
  const [state, label, run] = isRetryable ? [retrying, text.retry, retry] : [cancelling, text.cancel, cancel];
  if (status === "SUCCEEDED") return null;
  return (
    <>
      <button disabled={state.running} aria-label={`${label}: ${text.kinds[kind]}`} onClick={() => void run({ input: { id: jobId } })}>
        {label}
      </button>
      <ActionNotice state={state} />
    </>
  );
}
