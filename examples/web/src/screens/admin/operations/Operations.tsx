import { useQuery } from "urql";
import { DataTable } from "../../../components/DataTable";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as common } from "../messages";
import { messages } from "./messages";

const OPERATIONS = graphql(`
  query AdminOperations {
    viewer {
      id
      ...Shell
    }
    admin {
      slowOperations(first: 50) {
        at
        kind
        operation
        client
        durationMs
        executeMs
        sqlMs
        poolWaitMs
        requestId
        statements {
          name
          count
          durationMs
        }
      }
      slowQueries(first: 20) {
        query
        calls
        meanMs
        totalMs
      }
    }
  }
`);

/** The latest slow operations, and the statements that take most time. */
export default function Operations() {
  const text = useMessages(messages);
  const { operations: heading, milliseconds } = useMessages(common);
  const format = useFormat();
  const duration = (value: number) => milliseconds(format.number(Math.round(value)));
  const [result, reload] = useQuery({ query: OPERATIONS });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <section className="panel">
            <h2>{heading}</h2>
            <DataTable
              label={heading}
              rows={admin?.slowOperations}
              keyOf={(_, index) => index}
              columns={[
                { label: text.operation, cell: ({ operation, kind }) => `${kind} ${operation ?? ""}` },
                { label: text.duration, cell: ({ durationMs }) => duration(durationMs) },
                { label: text.execution, cell: ({ executeMs }) => duration(executeMs) },
                { label: text.sql, cell: ({ sqlMs }) => duration(sqlMs) },
                { label: text.wait, cell: ({ poolWaitMs }) => duration(poolWaitMs) },
                {
                  label: text.statements,
                  cell: ({ statements }) =>
                    statements.slice(0, 3).map(({ name, count, durationMs }) => (
                      <p key={name}>
                        {name} ×{count}: {duration(durationMs)}
                      </p>
                    )),
                },
                { label: text.client, cell: ({ client }) => client },
                { label: text.time, cell: ({ at }) => format.dateTime(at) },
                { label: text.request, cell: ({ requestId }) => requestId },
              ]}
            />
          </section>
          <section className="panel">
            <h2>{text.queries}</h2>
            <DataTable
              label={text.queries}
              rows={admin?.slowQueries}
              keyOf={(_, index) => index}
              columns={[
                { label: text.mean, cell: ({ meanMs }) => duration(meanMs) },
                { label: text.calls, cell: ({ calls }) => format.number(calls) },
                { label: text.total, cell: ({ totalMs }) => duration(totalMs) },
                { label: text.statement, cell: ({ query }) => <code>{query}</code>, isText: true },
              ]}
            />
          </section>
        </>
      )}
    </AdminScreen>
  );
}
