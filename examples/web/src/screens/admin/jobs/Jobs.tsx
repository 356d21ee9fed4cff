import { useState } from "react";
import { useQuery } from "urql";
import { DataTable } from "../../../components/DataTable";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import type { JobKind, JobStatus } from "../../../graphql/generated/graphql";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { Reload } from "../Reload";
import { messages as common } from "../messages";
import { JobActions } from "./JobActions";
import { KINDS, STATUSES } from "./jobEnums";
import { JobLog } from "./JobLog";
import { messages } from "./messages";
import { RetryFailed } from "./RetryFailed";

const JOBS = graphql(`
  query AdminJobs($filter: ManagedJobFilter, $after: String) {
    viewer {
      id
      ...Shell
    }
    admin {
      jobs(first: 20, after: $after, filter: $filter) {
        nodes {
          jobId
          kind
          status
          progress
          attempts
          maxAttempts
          createdAt
          durationSeconds
          error {
            code
            message
          }
          ...AdminJob
          ...AdminJobLog
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** The jobs of all users, newest first. */
export default function Jobs() {
  const text = useMessages(messages);
  const { jobs: heading, seconds } = useMessages(common);
  const format = useFormat();
  const [kind, setKind] = useState<JobKind | null>(null);
  const [status, setStatus] = useState<JobStatus | null>(null);
  const filter = { kind, status };
  const [after, setAfter] = useCursor(JSON.stringify(filter));
  const [result, reload] = useQuery({ query: JOBS, variables: { filter, after } });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <div className="fields">
            <Field label={text.kind}>
              {(control) => (
                <select {...control} value={kind ?? ""} onChange={({ target }) => setKind((target.value || null) as JobKind | null)}>
                  <option value="">{text.all}</option>
                  {KINDS.map((one) => (
                    <option key={one} value={one}>
                      {text.kinds[one]}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={text.status}>
              {(control) => (
                <select
                  {...control}
                  value={status ?? ""}
                  onChange={({ target }) => setStatus((target.value || null) as JobStatus | null)}
                >
                  <option value="">{text.all}</option>
                  {STATUSES.map((one) => (
                    <option key={one} value={one}>
                      {text.statuses[one]}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          <div className="row">
            <Reload fetching={result.fetching} reload={reload} />
            {kind !== null && status === "FAILED" && (
              <RetryFailed kind={kind} onRetried={() => reload({ requestPolicy: "network-only" })} />
            )}
          </div>
          {admin?.jobs && (
            <section className="panel">
              <DataTable
                label={heading}
                empty={text.none}
                rows={admin.jobs.nodes}
                keyOf={({ jobId }) => jobId}
                columns={[
                  { label: text.kind, cell: ({ kind }) => text.kinds[kind] },
                  {
                    label: text.status,
                    cell: ({ status, progress }) => (
                      <span className={`state-${status}`}>
                        {text.statuses[status]} {status === "RUNNING" && format.percent(progress)}
                      </span>
                    ),
                  },
                  { label: text.actions, cell: (job) => <JobActions job={job} /> },
                  { label: text.created, cell: ({ createdAt }) => format.dateTime(createdAt) },
                  {
                    label: text.duration,
                    cell: ({ durationSeconds: value }) => typeof value === "number" && seconds(format.number(value)),
                  },
                  { label: text.attempts, cell: ({ attempts, maxAttempts }) => `${attempts}/${maxAttempts}` },
                  { label: text.log, cell: (job) => <JobLog job={job} />, isText: true },
                  { label: text.error, cell: ({ error }) => error && `${error.code}: ${error.message}`, isText: true },
                ]}
              />
              <LoadMore pageInfo={admin.jobs.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </section>
          )}
        </>
      )}
    </AdminScreen>
  );
}
