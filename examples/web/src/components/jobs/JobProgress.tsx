import { useEffect, useEffectEvent } from "react";
import { useSubscription } from "urql";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import type { JobProgressFragment } from "../../graphql/generated/graphql";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { ActionNotice } from "../ActionNotice";
import { useAction } from "../useAction";
import { Download } from "./Download";
import { messages } from "./messages";

const JOB_PROGRESS = graphql(`
  fragment JobProgress on Job {
    id
    status
    progress
    message
    error {
      code
      message
    }
    ...Download
  }
`);

// The cache stores the job by its id, so that other parts of the screen follow.
const WATCH_JOB = graphql(`
  subscription WatchJob($id: ID!) {
    jobStatus(id: $id) {
      ...JobProgress
    }
  }
`);

const CANCEL_JOB = graphql(`
  mutation CancelJob($input: CancelJobInput!) {
    cancelJob(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        ...JobProgress
      }
    }
  }
`);

const FINISHED: ReadonlySet<JobProgressFragment["status"]> = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);

/** A job with its progress, until it is finished; then its error, or the link to its file. */
export function JobProgress({ label, onFinished, ...props }: {
  job: FragmentType<typeof JOB_PROGRESS>;
  label: string;
  onFinished?: () => void;
}) {
  const text = useMessages(messages);
  const format = useFormat();
  const given = readFragment(JOB_PROGRESS, props.job);
  const variables = { id: given.id };
  const [{ data }] = useSubscription({ query: WATCH_JOB, variables, pause: FINISHED.has(given.status) });
  const watched = readFragment(JOB_PROGRESS, data?.jobStatus ?? null);
  const job = watched?.id === given.id ? watched : given;
  const isFinished = FINISHED.has(job.status);
  const [cancelling, cancel] = useAction(CANCEL_JOB, (data) => data.cancelJob);
  const finish = useEffectEvent(() => onFinished?.());
  useEffect(() => {
    if (isFinished) finish();
  }, [job.id, isFinished]);
  if (job.status === "FAILED") return <p role="alert">{text.failed(job.error?.message ?? "")}</p>;
  if (isFinished) return <p role="status">{job.status === "CANCELLED" ? text.cancelled : <Download job={job} />}</p>;
  return (
    <div className="row" data-job={job.status}>
      <progress aria-label={label} value={job.progress} max={1} />
      <span role="status">
        {job.status === "QUEUED" ? text.queued : format.percent(job.progress)} {job.message}
      </span>
      <button type="button" disabled={cancelling.running} onClick={() => void cancel({ input: { id: job.id } })}>
        {text.cancel}
      </button>
      <ActionNotice state={cancelling} />
    </div>
  );
}
