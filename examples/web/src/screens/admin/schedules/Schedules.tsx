import { useQuery } from "urql";
import { DataTable } from "../../../components/DataTable";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { Reload } from "../Reload";
import { messages as common } from "../messages";
import { messages } from "./messages";
import { RunNow } from "./RunNow";

const SCHEDULES = graphql(`
  query AdminSchedules {
    viewer {
      id
      ...Shell
    }
    admin {
      schedules {
        name
        intervalSeconds
        lastStartedAt
        lastDurationMs
        lastRunSucceeded
        nextRunAt
        error
        ...AdminSchedule
      }
    }
  }
`);

/** The periodic tasks of the workers. */
export default function Schedules() {
  const text = useMessages(messages);
  const { schedules: heading, milliseconds } = useMessages(common);
  const format = useFormat();
  const [result, reload] = useQuery({ query: SCHEDULES });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <div>
            <Reload fetching={result.fetching} reload={reload} />
          </div>
          <div className="panel">
            <DataTable
              label={heading}
              rows={admin?.schedules}
              keyOf={({ name }) => name}
              columns={[
                { label: text.task, cell: ({ name }) => name },
                { label: text.run, cell: (schedule) => <RunNow schedule={schedule} /> },
                { label: text.interval, cell: ({ intervalSeconds }) => format.duration(intervalSeconds) },
                {
                  label: text.result,
                  cell: ({ lastRunSucceeded: succeeded }) =>
                    typeof succeeded === "boolean" && (
                      <span className={succeeded ? "state-OK" : "state-FAILED"}>{succeeded ? text.succeeded : text.failed}</span>
                    ),
                },
                { label: text.last, cell: ({ lastStartedAt }) => lastStartedAt && format.dateTime(lastStartedAt) },
                {
                  label: text.duration,
                  cell: ({ lastDurationMs: value }) => typeof value === "number" && milliseconds(format.number(value)),
                },
                { label: text.next, cell: ({ nextRunAt }) => format.dateTime(nextRunAt) },
                { label: text.error, cell: ({ error }) => error, isText: true },
              ]}
            />
          </div>
        </>
      )}
    </AdminScreen>
  );
}
