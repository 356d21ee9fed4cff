import { ActionNotice } from "../../../components/ActionNotice";
import { useAction } from "../../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../../graphql/generated";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";

const DELIVERY = graphql(`
  fragment Delivery on WebhookDelivery {
    id
    eventKind
    state
  }
`);

const REPLAY = graphql(`
  mutation ReplayWebhookDelivery($input: ReplayWebhookDeliveryInput!) {
    replayWebhookDelivery(input: $input) {
      errors {
        code
        message
        path
      }
      delivery {
        id
        attempts
        status
        error
        ...Delivery
      }
    }
  }
`);

/** Sends a message again, unless it is about to be sent. */
export function Replay(props: { delivery: FragmentType<typeof DELIVERY> }) {
  const text = useMessages(messages);
  const { id, eventKind, state } = readFragment(DELIVERY, props.delivery);
  const [action, replay] = useAction(REPLAY, (data) => data.replayWebhookDelivery);
  if (state === "PENDING") return null;
  return (
    <>
      <button
        disabled={action.running}
        aria-label={`${text.replay}: ${text.eventNames[eventKind]}`}
        onClick={() => void replay({ input: { id } })}
      >
        {text.replay}
      </button>
      <ActionNotice state={action} />
    </>
  );
}
