import { Field } from "./Field";
import { useTyped } from "./useTyped";

/** A field of a search, whose value changes once typing pauses. */
export function SearchInput({ label, value, placeholder, lang, onChange }: {
  label: string;
  value: string;
  placeholder?: string;
  lang?: string;
  onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useTyped(value, onChange);
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          type="search"
          maxLength={100}
          lang={lang}
          placeholder={placeholder}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      )}
    </Field>
  );
}
