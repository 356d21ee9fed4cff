import { ActionNotice } from "../../../components/ActionNotice";
import { ConfirmButton } from "../../../components/ConfirmButton";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { Deliveries } from "./Deliveries";
import { messages } from "./messages";

const WEBHOOK = graphql(`
  fragment AdminWebhook on Webhook {
    id
    url
    eventKinds
    failingSince
    disabledAt
    ...WebhookDeliveries
  }
`);

const ENABLE = graphql(`
  mutation SetWebhookEnabled($input: SetWebhookEnabledInput!) {
    setWebhookEnabled(input: $input) {
      errors {
        code
        message
        path
      }
      webhook {
        id
        failingSince
        disabledAt
      }
    }
  }
`);

const DELETE = graphql(`
  mutation DeleteWebhook($input: DeleteWebhookInput!) {
    deleteWebhook(input: $input) {
      errors {
        code
        message
        path
      }
    }
  }
`);

export function Webhook(props: { webhook: FragmentType<typeof WEBHOOK>; onChanged: () => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const webhook = readFragment(WEBHOOK, props.webhook);
  const { id, url, eventKinds, failingSince, disabledAt } = webhook;
  const [enabling, enable] = useAction(ENABLE, (data) => data.setWebhookEnabled);
  const [deleting, remove] = useAction(DELETE, (data) => data.deleteWebhook);
  return (
    <section className="panel" aria-label={url}>
      <h2>{url}</h2>
      <p>{format.list(eventKinds.map((kind) => text.eventNames[kind]))}</p>
      {disabledAt && <p className="state-FAILED">{text.disabledSince(format.dateTime(disabledAt))}</p>}
      {failingSince && !disabledAt && <p className="state-DEGRADED">{text.failingSince(format.dateTime(failingSince))}</p>}
      <div className="row">
        <button disabled={enabling.running} onClick={() => void enable({ input: { id, enabled: Boolean(disabledAt) } })}>
          {disabledAt ? text.enable : text.disable}
        </button>
        <ConfirmButton
          label={text.delete}
          question={text.deleteQuestion}
          disabled={deleting.running}
          onConfirm={() => void remove({ input: { id } }).then((deleted) => deleted && props.onChanged())}
        />
      </div>
      <ActionNotice state={enabling} />
      <ActionNotice state={deleting} />
      <Deliveries webhook={webhook} />
    </section>
  );
}
