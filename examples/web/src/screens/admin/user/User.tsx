import { useQuery } from "urql";
import { useParams } from "wouter";
import { DataTable } from "../../../components/DataTable";
import { Metrics } from "../../../components/Metrics";
import { Notice } from "../../../components/Notice";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as ofUsers } from "../users/messages";
import { BlockForm } from "./BlockForm";
import { messages } from "./messages";
import { RoleForm } from "./RoleForm";

const USER = graphql(`
  query AdminUser($id: ID!) {
    viewer {
      id
      ...Shell
    }
    admin {
      user(id: $id) {
        id
        displayName
        email
        createdAt
        lastActiveAt
        cardCount
        reviewCount
        textbookCount
        ...AdminUserRole
        ...AdminUserBlock
        auditTrail(first: 20) {
          nodes {
            id
            at
            action
            actor {
              id
              displayName
            }
            changes
          }
        }
      }
    }
  }
`);

/** A user, with the role and the block. */
export default function User() {
  const text = useMessages(messages);
  const { lastActive, signedUp } = useMessages(ofUsers);
  const format = useFormat();
  const { id = "" } = useParams();
  const [result, reload] = useQuery({ query: USER, variables: { id } });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => {
        const user = admin?.user;
        if (!user) return <Notice>{text.notFound}</Notice>;
        return (
          <>
            <section className="panel">
              <h2>{user.displayName}</h2>
              <p>{user.email}</p>
              <Metrics
                values={[
                  [text.cards, format.number(user.cardCount)],
                  [text.reviews, format.number(user.reviewCount)],
                  [text.textbooks, format.number(user.textbookCount)],
                  [signedUp, format.dateTime(user.createdAt)],
                  [lastActive, format.dateTime(user.lastActiveAt)],
                ]}
              />
            </section>
            <div className="grid" key={user.id}>
              <RoleForm user={user} />
              <BlockForm user={user} />
            </div>
            {user.auditTrail && (
              <section className="panel">
                <h2>{text.auditTrail}</h2>
                <DataTable
                  label={text.auditTrail}
                  rows={user.auditTrail.nodes}
                  keyOf={({ id }) => id}
                  columns={[
                    { label: text.time, cell: ({ at }) => format.dateTime(at) },
                    { label: text.action, cell: ({ action }) => action },
                    { label: text.actor, cell: ({ actor }) => actor?.displayName ?? "–" },
                    { label: text.changes, cell: ({ changes }) => <code>{changes}</code>, isText: true },
                  ]}
                />
              </section>
            )}
          </>
        );
      }}
    </AdminScreen>
  );
}
