import type { FormEvent } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { DataTable } from "../../../components/DataTable";
import { Field } from "../../../components/Field";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages } from "./messages";

const USAGE = graphql(`
  query AdminUsage($coordinate: String!, $searches: Boolean!) {
    viewer {
      id
      ...Shell
    }
    admin {
      deprecatedUsage(days: 30) {
        coordinate
        client
        count
        lastSeenAt
        reason
        sunset
      }
      schemaUsage(coordinate: $coordinate, days: 30) @include(if: $searches) {
        client
        version
        count
        lastUsedOn
      }
    }
  }
`);

/** Which clients use deprecated parts of the schema, or a part that may be changed. */
export default function Usage() {
  const text = useMessages(messages);
  const format = useFormat();
  const [address, setAddress] = useSearchParams();
  const coordinate = address.get("coordinate") ?? "";
  const [result, reload] = useQuery({ query: USAGE, variables: { coordinate, searches: coordinate !== "" } });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setAddress({ coordinate: String(new FormData(event.currentTarget).get("coordinate") ?? "").trim() });
  };
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <section className="panel">
            <h2>{text.deprecated}</h2>
            <DataTable
              label={text.deprecated}
              rows={admin?.deprecatedUsage}
              keyOf={({ coordinate, client }) => `${coordinate} ${client}`}
              columns={[
                { label: text.part, cell: ({ coordinate }) => <code>{coordinate}</code> },
                { label: text.client, cell: ({ client }) => client },
                { label: text.count, cell: ({ count }) => format.number(count) },
                { label: text.last, cell: ({ lastSeenAt }) => format.dateTime(lastSeenAt) },
                { label: text.sunset, cell: ({ sunset }) => sunset && format.date(sunset) },
                { label: text.reason, cell: ({ reason }) => reason, isText: true },
              ]}
            />
          </section>
          <section className="panel">
            <h2>{text.ofPart}</h2>
            <form role="search" onSubmit={submit}>
              <Field label={text.coordinate}>
                {(control) => <input {...control} key={coordinate} name="coordinate" defaultValue={coordinate} placeholder="Book.title" />}
              </Field>
              <div>
                <button>{text.find}</button>
              </div>
            </form>
            {coordinate !== "" && admin?.schemaUsage && (
              <>
                <DataTable
                  label={text.ofPart}
                  rows={admin.schemaUsage}
                  keyOf={({ client, version }) => `${client} ${version}`}
                  columns={[
                    { label: text.client, cell: ({ client }) => client },
                    { label: text.version, cell: ({ version }) => version },
                    { label: text.count, cell: ({ count }) => format.number(count) },
                    { label: text.last, cell: ({ lastUsedOn }) => format.date(lastUsedOn) },
                  ]}
                />
              </>
            )}
          </section>
        </>
      )}
    </AdminScreen>
  );
}
