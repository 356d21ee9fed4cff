import { useQuery } from "urql";
import { graphql } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { messages as common } from "../messages";
import { CreateWebhook } from "./CreateWebhook";
import { Webhook } from "./Webhook";

const WEBHOOKS = graphql(`
  query AdminWebhooks {
    viewer {
      id
      ...Shell
    }
    admin {
      webhooks {
        id
        ...AdminWebhook
      }
    }
  }
`);

/** The operator's webhooks, with their last messages. */
export default function Webhooks() {
  const { none } = useMessages(common);
  const [result, execute] = useQuery({ query: WEBHOOKS });
  const reload = () => execute({ requestPolicy: "network-only" });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => (
        <>
          <CreateWebhook onCreated={reload} />
          {admin?.webhooks?.length === 0 && <p className="muted" role="status">{none}</p>}
          {admin?.webhooks?.map((webhook) => <Webhook key={webhook.id} webhook={webhook} onChanged={reload} />)}
        </>
      )}
    </AdminScreen>
  );
}
