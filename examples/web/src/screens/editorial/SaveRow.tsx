import type { ReactNode } from "react";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

/** The end of a form: its button, and whether the last change was saved. `children`: what follows from it. */
export function SaveRow({ label, disabled, isSaved, isPrimary = true, children }: {
  label?: string;
  disabled: boolean;
  isSaved: boolean;
  isPrimary?: boolean;
  children?: ReactNode;
}) {
  const text = useMessages(messages);
  return (
    <div className="row">
      <button className={isPrimary ? "primary" : undefined} disabled={disabled}>
        {label ?? text.save}
      </button>
      {isSaved && (
        <span role="status" className="done">
          {text.saved}
          {children}
        </span>
      )}
    </div>
  );
}
