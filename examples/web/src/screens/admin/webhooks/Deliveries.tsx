import { DataTable } from "../../../components/DataTable";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import { Replay } from "./Replay";

const DELIVERIES = graphql(`
  fragment WebhookDeliveries on Webhook {
    id
    deliveries(first: 20) {
      nodes {
        id
        eventKind
        state
        attempts
        status
        error
        createdAt
        ...Delivery
      }
    }
  }
`);

/** The newest messages of a webhook. */
export function Deliveries(props: { webhook: FragmentType<typeof DELIVERIES> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { deliveries } = readFragment(DELIVERIES, props.webhook);
  return (
    <DataTable
      label={text.deliveries}
      rows={deliveries?.nodes}
      empty={text.noDeliveries}
      keyOf={({ id }) => id}
      columns={[
        { label: text.time, cell: ({ createdAt }) => format.dateTime(createdAt) },
        { label: text.event, cell: ({ eventKind }) => text.eventNames[eventKind] },
        { label: text.state, cell: ({ state }) => <span className={`state-${state}`}>{text.states[state]}</span> },
        { label: text.action, cell: (delivery) => <Replay delivery={delivery} /> },
        { label: text.attempts, cell: ({ attempts }) => format.number(attempts) },
        { label: text.response, cell: ({ status }) => status },
        { label: text.error, cell: ({ error }) => error, isText: true },
      ]}
    />
  );
}
