import { useState } from "react";
import { useSession } from "../../../app/session";
import { ActionNotice } from "../../../components/ActionNotice";
import { Field } from "../../../components/Field";
import { useMessages } from "../../../i18n/messages";
import { fetchWaniKani } from "../../../uploads/waniKani";
import { messages } from "./messages";
import { TransferRow } from "./TransferRow";
import { useStartImport } from "./useStartImport";
import { useTransfer } from "./useTransfer";

/** Imports progress in WaniKani. Its token is sent once, and stored nowhere. */
export function WaniKaniForm() {
  const text = useMessages(messages);
  const { user } = useSession();
  const [state, start] = useStartImport();
  const [waniKaniToken, setToken] = useState("");
  const transfer = useTransfer();

  const send = (token: string) =>
    transfer.run(async (signal) => {
      setToken("");
      const uploadId = await fetchWaniKani(waniKaniToken, { token, signal });
      await start({ waniKani: { uploadId } }, signal);
    });

  return (
    <form
      className="panel"
      aria-label={text.waniKani}
      onSubmit={(event) => {
        event.preventDefault();
        if (user) void send(user.token);
      }}
    >
      <h2>{text.waniKani}</h2>
      <p className="muted">{text.waniKaniHint}</p>
      <Field label={text.waniKaniToken} error={transfer.failure ?? undefined}>
        {(control) => (
          <input
            {...control}
            type="password"
            required
            autoComplete="off"
            maxLength={200}
            value={waniKaniToken}
            onChange={({ target }) => setToken(target.value.trim())}
          />
        )}
      </Field>
      <ActionNotice state={state} />
      <TransferRow label={text.fetch} disabled={state.running} transfer={transfer}>
        <span role="status">{text.fetching}</span>
      </TransferRow>
    </form>
  );
}
