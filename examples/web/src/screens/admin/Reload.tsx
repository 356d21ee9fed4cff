import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** Requests the screen's data again, past the cache. */
export function Reload({ fetching, reload }: { fetching: boolean; reload: (options: { requestPolicy: "network-only" }) => void }) {
  const text = useMessages(messages);
  return (
    <button disabled={fetching} onClick={() => reload({ requestPolicy: "network-only" })}>
      {text.reload}
    </button>
  );
}
