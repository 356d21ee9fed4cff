import { useId } from "react";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

export function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const text = useMessages(messages);
  const id = useId();
  return (
    <form role="search" className="search-field" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={id}>{text.search}</label>
      <input
        id={id}
        type="search"
        autoFocus
        autoComplete="off"
        maxLength={100}
        aria-describedby={`${id}-hint`}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      <p id={`${id}-hint`} className="muted">
        {text.hint}
      </p>
    </form>
  );
}
