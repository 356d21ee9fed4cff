import { useSubscription } from "urql";
import { graphql } from "../graphql/generated";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";
import { useSession } from "./session";

// The first event has the present number.
const UNREAD = graphql(`
  subscription UnreadNotifications {
    notificationReceived {
      unreadCount
    }
  }
`);

/** The number of unread notifications. */
export function UnreadBadge() {
  const text = useMessages(messages);
  const { user } = useSession();
  const [{ data }] = useSubscription({ query: UNREAD, pause: user === null });
  const count = data?.notificationReceived.unreadCount ?? 0;
  if (count === 0) return null;
  return (
    <>
      {" "}
      <span className="shell-badge" aria-hidden="true">
        {count}
      </span>
      <span className="visually-hidden">({text.unread(count)})</span>
    </>
  );
}
