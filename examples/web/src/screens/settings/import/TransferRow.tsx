import type { ReactNode } from "react";
import { useMessages } from "../../../i18n/messages";
import { messages } from "./messages";
import type { Transfer } from "./useTransfer";

/** The end of a form: its button, and the progress of the transfer that it starts. */
export function TransferRow({ label, disabled, transfer, children }: {
  label: string;
  disabled: boolean;
  transfer: Transfer;
  children: ReactNode;
}) {
  const text = useMessages(messages);
  return (
    <div className="row form-end">
      <button className="primary" disabled={transfer.running || disabled}>
        {label}
      </button>
      {transfer.running && (
        <>
          {children}
          <button type="button" onClick={transfer.cancel}>
            {text.cancel}
          </button>
        </>
      )}
    </div>
  );
}
