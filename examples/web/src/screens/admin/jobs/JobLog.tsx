import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const LOG = graphql(`
  fragment AdminJobLog on ManagedJob {
    jobId
    log {
      at
      status
      message
      attempts
      error {
        code
        message
      }
    }
  }
`);

/** The last changes of a job, newest first. */
export function JobLog(props: { job: FragmentType<typeof LOG> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { log } = readFragment(LOG, props.job);
  return (
    <details>
      <summary>{text.changes(log.length)}</summary>
      <ol className="list">
        {log.map(({ at, status, message, attempts, error }, index) => (
          <li key={index}>
            <time className="muted" dateTime={at}>
              {format.dateTime(at)}
            </time>{" "}
            {text.statuses[status]} ({text.attempts}: {attempts}) {message} {error && `${error.code}: ${error.message}`}
          </li>
        ))}
      </ol>
    </details>
  );
}
