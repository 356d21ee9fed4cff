import { ActionNotice } from "../../components/ActionNotice";
import { useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const NOTIFICATION = graphql(`
  fragment Notification on Notification {
    id
    kind
    createdAt
    readAt
  }
`);

const MARK_READ = graphql(`
  mutation MarkNotificationsRead($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        id
        notifications(first: 5) {
          nodes {
            ...Notification
          }
        }
      }
    }
  }
`);

export function Notifications(props: { notifications: readonly FragmentType<typeof NOTIFICATION>[] }) {
  const text = useMessages(messages);
  const format = useFormat();
  const notifications = readFragment(NOTIFICATION, props.notifications);
  const [state, markRead] = useAction(MARK_READ, (data) => data.markNotificationsRead);
  const hasUnread = notifications.some(({ readAt }) => !readAt);
  const [newest] = notifications;
  return (
    <section className="panel">
      <h2>{text.notifications}</h2>
      {notifications.length === 0 && <p className="muted">{text.noNotifications}</p>}
      <ul className="list">
        {notifications.map(({ id, kind, createdAt, readAt }) => (
          <li key={id}>
            {text.kinds[kind]} <time className="muted" dateTime={createdAt}>{format.dateTime(createdAt)}</time>{" "}
            {!readAt && <strong>({text.unread})</strong>}
          </li>
        ))}
      </ul>
      <ActionNotice state={state} />
      {hasUnread && newest && (
        <button disabled={state.running} onClick={() => void markRead({ input: { upTo: newest.id } })}>
          {text.markRead}
        </button>
      )}
    </section>
  );
}
