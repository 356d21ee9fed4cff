import { useMessages } from "../../i18n/messages";
import { inflections } from "./inflections";
import { messages } from "./messages";

type Inflection = keyof (typeof inflections)["en"];

/** How a form comes from the word: 食べる → negative → past → 食べなかった. */
export function Inflections({ word, steps, form }: { word: string; steps: readonly Inflection[]; form: string }) {
  const text = useMessages(messages);
  const names = useMessages(inflections);
  if (steps.length === 0) return null;
  return (
    <ol className="inflections" aria-label={text.inflections}>
      <li lang="ja">{word}</li>
      {steps.map((step, index) => (
        <li key={index}>{names[step]}</li>
      ))}
      <li lang="ja">{form}</li>
    </ol>
  );
}
