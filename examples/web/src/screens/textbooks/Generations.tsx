import { Link } from "wouter";
import { ActionNotice } from "../../components/ActionNotice";
import { useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import { GENERATIONS, JOB } from "./operations";

const CANCEL = graphql(`
  mutation CancelGeneration($input: CancelJobInput!) {
    cancelJob(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        ...GenerationJob
      }
    }
  }
`);

const UNFINISHED = ["QUEUED", "RUNNING", "RETRYING"];

/** The newest generations of the viewer. */
export function Generations(props: { viewer: FragmentType<typeof GENERATIONS> }) {
  const text = useMessages(messages);
  const generations = readFragment(GENERATIONS, props.viewer).jobs?.nodes ?? [];
  return (
    <section aria-label={text.generations}>
      <h2>{text.generations}</h2>
      {generations.length === 0 && <p className="muted">{text.noGenerations}</p>}
      <ul className="list textbook-chapters">
        {generations.map((job) => (
          <Job key={job.id} job={job} />
        ))}
      </ul>
    </section>
  );
}

function Job(props: { job: FragmentType<typeof JOB> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { id, status, progress, message, createdAt, error: failure, subject, warnings } = readFragment(JOB, props.job);
  const [state, cancel] = useAction(CANCEL, (data) => data.cancelJob);
  const isUnfinished = UNFINISHED.includes(status);
  return (
    <li className="panel" data-job={status}>
      <p>
        {subject ? <Link href={`/textbooks/${subject.id}`}>{subject.title}</Link> : text.textbook}{" "}
        <span className="muted">{format.dateTime(createdAt)}</span>
      </p>
      <progress max={1} value={progress} aria-label={text.progress(format.percent(progress))} />
      <p role="status">
        {text.jobStatuses[status]} {format.percent(progress)}
        {isUnfinished && message && `: ${message}`}
      </p>
      {failure && <p role="alert">{failure.message}</p>}
      {warnings.map(({ code, message }) => (
        <p key={code + message} className="muted">
          {message}
        </p>
      ))}
      {isUnfinished && (
        <button className="danger" disabled={state.running} onClick={() => void cancel({ input: { id } })}>
          {text.cancel}
        </button>
      )}
      <ActionNotice state={state} />
    </li>
  );
}
