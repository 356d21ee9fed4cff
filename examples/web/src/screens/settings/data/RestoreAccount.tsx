import { ActionNotice } from "../../../components/ActionNotice";
import { Heading } from "../../../components/Heading";
import { useAction } from "../../../components/useAction";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import type { Deletion } from "./deletion";
import { messages } from "./messages";

const CANCEL_DELETION = graphql(`
  mutation CancelAccountDeletion {
    cancelAccountDeletion {
      errors {
        code
        message
        path
      }
    }
  }
`);

/** A deleted account can only be restored. */
export function RestoreAccount({ deletion, onRestored }: { deletion: Deletion; onRestored: () => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const [state, cancel] = useAction(CANCEL_DELETION, (data) => data.cancelAccountDeletion);
  return (
    <section className="panel" role="alert">
      <Heading title={text.deleted} />
      <p>{text.erasedAt(format.dateTime(deletion.erasedAt))}</p>
      <ActionNotice state={state} />
      <button className="primary" disabled={state.running} onClick={async () => (await cancel({})) && onRestored()}>
        {text.restore}
      </button>
    </section>
  );
}
