import { useState } from "react";
import { useMessages } from "../i18n/messages";
import { messages } from "./messages";

/** A button whose action is confirmed by a second one. The focus moves to the second one, and back after the answer. */
export function ConfirmButton({ label, question, disabled = false, onConfirm }: {
  label: string;
  question: string;
  disabled?: boolean;
  onConfirm: () => void;
}) {
  const text = useMessages(messages);
  const [state, setState] = useState<"initial" | "asks" | "answered">("initial");
  if (state !== "asks") {
    // The attribute `disabled` would take the focus away while the action runs.
    return (
      <button
        type="button"
        className="danger"
        autoFocus={state === "answered"}
        aria-disabled={disabled}
        onClick={() => !disabled && setState("asks")}
      >
        {label}
      </button>
    );
  }
  return (
    <span
      className="row"
      role="group"
      aria-label={question}
      onKeyDown={({ key }) => key === "Escape" && setState("answered")}
    >
      {question}
      <button
        type="button"
        className="danger"
        autoFocus
        onClick={() => {
          setState("answered");
          onConfirm();
        }}
      >
        {label}
      </button>
      <button type="button" onClick={() => setState("answered")}>
        {text.cancel}
      </button>
    </span>
  );
}
