import { useState } from "react";
import { useMessages } from "../../i18n/messages";
import { TextInput } from "./inputs";
import { messages } from "./messages";

/** Steps in minutes, separated by commas. What is being typed is no list yet, so the text has a state of its own. */
export function StepsInput({ label, value, error, onChange }: {
  label: string;
  value: readonly number[];
  error?: string;
  onChange: (steps: number[]) => void;
}) {
  const text = useMessages(messages);
  const [typed, setTyped] = useState(() => value.join(", "));
  return (
    <TextInput
      label={label}
      value={typed}
      error={error}
      pattern="\s*([0-9]+(\s*,\s*[0-9]+)*)?\s*"
      title={text.stepsFormat}
      onChange={(steps) => {
        setTyped(steps);
        onChange((steps.match(/[0-9]+/g) ?? []).map(Number));
      }}
    />
  );
}
