import { useQuery } from "urql";
import { DataTable } from "../../../components/DataTable";
import { Metrics } from "../../../components/Metrics";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { Reload } from "../Reload";
import { messages as common } from "../messages";
import { messages } from "./messages";
import { PurgeCache } from "./PurgeCache";

const OVERVIEW = graphql(`
  query AdminOverview {
    viewer {
      id
      ...Shell
    }
    admin {
      health {
        status
        checks {
          name
          status
          latencyMs
          message
        }
      }
      poolStats {
        size
        inUse
        waiting
      }
      cacheStats {
        backend
        entries
        hitRate
      }
      jobStats {
        queued
        running
        succeeded24h
        failed24h
        oldestQueuedSeconds
      }
    }
  }
`);

/** Whether the server works. */
export default function Overview() {
  const text = useMessages(messages);
  const { health: heading, milliseconds, seconds } = useMessages(common);
  const format = useFormat();
  const [result, reload] = useQuery({ query: OVERVIEW });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <div>
            <Reload fetching={result.fetching} reload={reload} />
          </div>
          {admin?.health && (
            <section className="panel">
              <h2>
                {heading}: <span className={`state-${admin.health.status}`}>{text.states[admin.health.status]}</span>
              </h2>
              <DataTable
                label={heading}
                rows={admin.health.checks}
                keyOf={({ name }) => name}
                columns={[
                  { label: text.dependency, cell: ({ name }) => name },
                  {
                    label: text.state,
                    cell: ({ status }) => <span className={`state-${status}`}>{text.states[status]}</span>,
                  },
                  {
                    label: text.latency,
                    cell: ({ latencyMs }) => typeof latencyMs === "number" && milliseconds(format.decimal(latencyMs)),
                  },
                  { label: text.message, cell: ({ message }) => message, isText: true },
                ]}
              />
            </section>
          )}
          {admin?.jobStats && (
            <section className="panel">
              <h2>{text.jobs}</h2>
              <Metrics
                values={[
                  [text.queued, format.number(admin.jobStats.queued)],
                  [text.running, format.number(admin.jobStats.running)],
                  [text.succeeded, format.number(admin.jobStats.succeeded24h)],
                  [text.failed, format.number(admin.jobStats.failed24h)],
                  [text.oldest, seconds(format.number(Math.round(admin.jobStats.oldestQueuedSeconds)))],
                ]}
              />
            </section>
          )}
          {admin?.poolStats && admin.cacheStats && (
            <section className="panel">
              <h2>{text.resources}</h2>
              <Metrics
                values={[
                  [text.connections, format.number(admin.poolStats.size)],
                  [text.inUse, format.number(admin.poolStats.inUse)],
                  [text.waiting, format.number(admin.poolStats.waiting)],
                  [text.cache, admin.cacheStats.backend],
                  [text.entries, format.number(admin.cacheStats.entries)],
                  [text.hitRate, format.percent(admin.cacheStats.hitRate)],
                ]}
              />
              <PurgeCache />
            </section>
          )}
        </>
      )}
    </AdminScreen>
  );
}
