import { useState, type FormEvent } from "react";
import { useQuery } from "urql";
import { Link } from "wouter";
import { DataTable } from "../../../components/DataTable";
import { Field } from "../../../components/Field";
import { LoadMore } from "../../../components/LoadMore";
import { useCursor } from "../../../components/useCursor";
import { graphql } from "../../../graphql/generated";
import type { Role, UserFilter } from "../../../graphql/generated/graphql";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as common } from "../messages";
import { messages } from "./messages";
import { ROLES } from "./roles";

const USERS = graphql(`
  query AdminUsers($filter: UserFilter, $after: String) {
    viewer {
      id
      ...Shell
    }
    admin {
      users(first: 20, after: $after, filter: $filter) {
        nodes {
          id
          displayName
          email
          role
          createdAt
          lastActiveAt
          block {
            reason
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

/** All users, newest first. */
export default function Users() {
  const text = useMessages(messages);
  const { users: heading } = useMessages(common);
  const format = useFormat();
  const [filter, setFilter] = useState<UserFilter>({});
  const [after, setAfter] = useCursor(JSON.stringify(filter));
  const [result, reload] = useQuery({ query: USERS, variables: { filter, after } });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget);
    setFilter({
      search: String(values.get("search") ?? "").trim() || null,
      role: (String(values.get("role") ?? "") || null) as Role | null,
      blocked: values.get("blocked") === null ? null : true,
    });
  };
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <form role="search" className="panel" onSubmit={submit}>
            <div className="fields">
              <Field label={text.search}>
                {(control) => <input {...control} type="search" name="search" maxLength={100} />}
              </Field>
              <Field label={text.role}>
                {(control) => (
                  <select {...control} name="role">
                    <option value="">{text.anyRole}</option>
                    {ROLES.map((role) => (
                      <option key={role} value={role}>
                        {text.roles[role]}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
            </div>
            <div className="row">
              <label className="check">
                <input type="checkbox" name="blocked" /> {text.blockedOnly}
              </label>
              <button className="primary">{text.find}</button>
            </div>
          </form>
          <p className="muted">{text.audited}</p>
          {admin?.users && (
            <section className="panel">
              <DataTable
                label={heading}
                empty={text.none}
                rows={admin.users.nodes}
                keyOf={({ id }) => id}
                columns={[
                  {
                    label: text.name,
                    cell: ({ id, displayName }) => <Link href={`/admin/users/${id}`}>{displayName}</Link>,
                  },
                  { label: text.email, cell: ({ email }) => email },
                  {
                    label: text.role,
                    cell: ({ role, block }) => (block ? `${text.roles[role]} (${text.blocked})` : text.roles[role]),
                  },
                  { label: text.lastActive, cell: ({ lastActiveAt }) => format.dateTime(lastActiveAt) },
                  { label: text.signedUp, cell: ({ createdAt }) => format.dateTime(createdAt) },
                ]}
              />
              <LoadMore pageInfo={admin.users.pageInfo} loading={result.fetching} onLoad={setAfter} />
            </section>
          )}
        </>
      )}
    </AdminScreen>
  );
}
