import { useMessages } from "../i18n/messages";
import { messages } from "./messages";

export function Spinner() {
  const text = useMessages(messages);
  return (
    <p role="status" className="muted">
      {text.loading}
    </p>
  );
}
