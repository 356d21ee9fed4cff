import { useQuery } from "urql";
import { DataTable } from "../../../components/DataTable";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as common } from "../messages";
import { messages } from "./messages";

const ERRORS = graphql(`
  query AdminErrors {
    viewer {
      id
      ...Shell
    }
    admin {
      errors(first: 100) {
        fingerprint
        code
        exception
        location
        operation
        count
        firstSeenAt
        lastSeenAt
        requestId
      }
    }
  }
`);

/** Errors of requests and jobs by their cause, the latest first. */
export default function Errors() {
  const text = useMessages(messages);
  const { errors: heading } = useMessages(common);
  const format = useFormat();
  const [result, reload] = useQuery({ query: ERRORS });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <section className="panel">
          <h2>{heading}</h2>
          <DataTable
            label={heading}
            rows={admin?.errors}
            keyOf={({ fingerprint }) => fingerprint}
            columns={[
              { label: text.code, cell: ({ code }) => code },
              { label: text.count, cell: ({ count }) => format.number(count) },
              { label: text.operation, cell: ({ operation }) => operation },
              { label: text.exception, cell: ({ exception }) => exception },
              { label: text.location, cell: ({ location }) => location && <code>{location}</code>, isText: true },
              { label: text.last, cell: ({ lastSeenAt }) => format.dateTime(lastSeenAt) },
              { label: text.first, cell: ({ firstSeenAt }) => format.dateTime(firstSeenAt) },
              { label: text.request, cell: ({ requestId }) => requestId },
            ]}
          />
        </section>
      )}
    </AdminScreen>
  );
}
