import type { FormEvent } from "react";
import { useQuery } from "urql";
import { Link, useSearchParams } from "wouter";
import { DataTable } from "../../../components/DataTable";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as common } from "../messages";
import { messages } from "./messages";

const AUDIT = graphql(`
  query AdminAudit($actorId: ID, $entityId: ID, $after: String) {
    viewer {
      id
      ...Shell
    }
    admin {
      auditLog(first: 20, after: $after, actorId: $actorId, entityId: $entityId) {
        nodes {
          id
          at
          action
          entity
          entityId
          changes
          requestId
          actor {
            id
            displayName
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

const FIELDS = ["actorId", "entityId"] as const;

/** Who changed what, newest first. The filters are in the address. */
export default function Audit() {
  const text = useMessages(messages);
  const { audit: heading } = useMessages(common);
  const format = useFormat();
  const [address, setAddress] = useSearchParams();
  const [actorId, entityId] = FIELDS.map((name) => address.get(name) || undefined);
  const [after, setAfter] = useCursor(address.toString());
  const [result, reload] = useQuery({ query: AUDIT, variables: { actorId, entityId, after } });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    setAddress(FIELDS.map((name) => [name, String(values.get(name) ?? "").trim()]).filter(([, value]) => value !== ""));
  };
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <form role="search" key={address.toString()} onSubmit={submit}>
            <div className="fields">
              {FIELDS.map((name) => (
                <Field key={name} label={text[name]}>
                  {(control) => <input {...control} name={name} maxLength={200} defaultValue={address.get(name) ?? ""} />}
                </Field>
              ))}
            </div>
            <div>
              <button>{text.find}</button>
            </div>
          </form>
          {admin?.auditLog && (
            <section className="panel">
              <DataTable
                label={heading}
                rows={admin.auditLog.nodes}
                keyOf={({ id }) => id}
                columns={[
                  { label: text.time, cell: ({ at }) => format.dateTime(at) },
                  { label: text.action, cell: ({ action }) => action },
                  {
                    label: text.object,
                    cell: ({ entity, entityId }) => <Link href={`/admin/audit?entityId=${encodeURIComponent(entityId)}`}>{entity}</Link>,
                  },
                  {
                    label: text.actor,
                    cell: ({ actor }) => (actor ? <Link href={`/admin/users/${actor.id}`}>{actor.displayName}</Link> : text.system),
                  },
                  {
                    label: text.changes,
                    cell: ({ changes }) => (
                      <details>
                        <summary>{text.show}</summary>
                        <code>{changes}</code>
                      </details>
                    ),
                    isText: true,
                  },
                  { label: text.request, cell: ({ requestId }) => requestId && <code>{requestId}</code> },
                ]}
              />
              <LoadMore pageInfo={admin.auditLog.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </section>
          )}
        </>
      )}
    </AdminScreen>
  );
}
