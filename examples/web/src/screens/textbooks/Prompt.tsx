import { useId } from "react";
import type { ExerciseFragment } from "../../graphql/generated/graphql";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

type Result = NonNullable<ExerciseFragment["lastAttempt"]>["results"][number];

interface Props {
  kind: ExerciseFragment["kind"];
  prompt: ExerciseFragment["prompts"][number];
  options: readonly string[];
  answerLanguage: ExerciseFragment["answerLanguage"];
  /** The index of an option, or typed text. */
  value: string;
  /** null: not answered yet. */
  result: Result | null;
  disabled: boolean;
  onChange: (value: string) => void;
}

const MAX_ANSWER = 300;

/** A prompt with its field, or with the graded answer. */
export function Prompt({ kind, prompt, options, answerLanguage, value, result, disabled, onChange }: Props) {
  const id = useId();
  const language = answerLanguage === "JAPANESE" ? "ja" : "en";
  return (
    <li className="prompt">
      <span id={id} lang={kind === "TRANSLATION" && language === "ja" ? "en" : "ja"}>
        {prompt.text}
      </span>
      {prompt.translation && <span className="muted" lang="en"> {prompt.translation}</span>}
      {result && <Graded result={result} options={options} language={language} />}
      {!result && kind === "CHOICE" && (
        <div role="radiogroup" aria-labelledby={id}>
          {options.map((option, index) => (
            <label key={option} className="check" lang={language}>
              <input type="radio" name={id} value={index} checked={value === String(index)} disabled={disabled} onChange={() => onChange(String(index))} />
              {option}
            </label>
          ))}
        </div>
      )}
      {!result && kind !== "CHOICE" && options.length > 0 && (
        <select aria-labelledby={id} lang={language} value={value} disabled={disabled} onChange={({ target }) => onChange(target.value)}>
          <option value="" />
          {options.map((option, index) => (
            <option key={option} value={index}>
              {option}
            </option>
          ))}
        </select>
      )}
      {!result && options.length === 0 && (
        <input
          aria-labelledby={id}
          lang={language}
          value={value}
          maxLength={MAX_ANSWER}
          disabled={disabled}
          autoComplete="off"
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </li>
  );
}

function Graded({ result, options, language }: { result: Result; options: readonly string[]; language: string }) {
  const text = useMessages(messages);
  const given = typeof result.givenOption === "number" ? options[result.givenOption] : result.givenText;
  return (
    <p className={result.isCorrect ? "prompt-correct" : "prompt-wrong"} data-correct={result.isCorrect}>
      {result.isCorrect ? "✓ " : "✗ "}
      <span className="visually-hidden">{result.isCorrect ? text.right : text.wrong}: </span>
      {!result.isCorrect && given && <del lang={language}>{given}</del>} <span lang={language}>{result.answer}</span>
    </p>
  );
}
