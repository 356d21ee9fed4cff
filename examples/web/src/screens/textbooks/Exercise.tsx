import { useState } from "react";
import { ActionNotice } from "../../components/ActionNotice";
import { useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import type { AnswerExercisesMutation } from "../../graphql/generated/graphql";
import { languageOf } from "../../i18n/languageOf";
import { useMessages } from "../../i18n/messages";
import { EXERCISE } from "./exerciseFragment";
import { messages } from "./messages";
import { Prompt } from "./Prompt";

const ANSWER = graphql(`
  mutation AnswerExercises($input: AnswerExercisesInput!) {
    answerExercises(input: $input) {
      errors {
        code
        message
        path
      }
      results {
        idempotencyKey
        error {
          code
          message
          path
        }
        exercise {
          ...Exercise
          chapter {
            id
            progress {
              id
              exercisesDone
              score
            }
            textbook {
              id
              progress {
                id
                exercisesDone
                score
              }
            }
          }
        }
      }
    }
  }
`);

/** The errors of the attempts are those of the mutation: the screen sends one at a time. */
function withErrorsOfResults({ answerExercises: payload }: AnswerExercisesMutation) {
  return payload && { ...payload, errors: [...payload.errors, ...payload.results.flatMap(({ error }) => error ?? [])] };
}

/** An exercise with the newest attempt: answered, graded and repeated. */
export function Exercise(props: { exercise: FragmentType<typeof EXERCISE>; canAnswer: boolean }) {
  const text = useMessages(messages);
  const { id, kind, title, task, answerLanguage, prompts, options, lastAttempt } = readFragment(EXERCISE, props.exercise);
  const [state, answer] = useAction(ANSWER, withErrorsOfResults);
  const [isRetrying, setRetrying] = useState(false);
  const [answers, setAnswers] = useState<Record<number, string>>({});
  // The same until the attempt is saved: sent again, it counts once.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const attempt = isRetrying ? null : (lastAttempt ?? null);
  const isAnswered = Object.values(answers).some((value) => value.trim() !== "");

  async function submit() {
    const given = prompts.map((_, index) => {
      const value = answers[index] ?? "";
      if (options.length > 0) return { option: value === "" ? null : Number(value) };
      return { text: value.trim() === "" ? null : value };
    });
    const saved = await answer({ input: { attempts: [{ exerciseId: id, answers: given, idempotencyKey }] } });
    if (!saved) return;
    setRetrying(false);
    setAnswers({});
    setKey(crypto.randomUUID());
  }

  return (
    <form
      className="panel exercise"
      data-exercise={kind}
      aria-labelledby={id}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h3 id={id} lang={languageOf(title)}>
        {title}
      </h3>
      <p lang={languageOf(task)}>{task}</p>
      <ol>
        {prompts.map((prompt, index) => (
          <Prompt
            key={index}
            kind={kind}
            prompt={prompt}
            options={options}
            answerLanguage={answerLanguage}
            value={answers[index] ?? ""}
            result={attempt?.results[index] ?? null}
            disabled={!props.canAnswer}
            onChange={(value) => setAnswers({ ...answers, [index]: value })}
          />
        ))}
      </ol>
      {attempt ? (
        <div className="row">
          <strong role="status">{text.correct(attempt.correctCount, prompts.length)}</strong>
          <button type="button" onClick={() => setRetrying(true)}>
            {text.again}
          </button>
        </div>
      ) : (
        <button className="primary" disabled={!props.canAnswer || !isAnswered || state.running}>
          {text.check}
        </button>
      )}
      {!props.canAnswer && <p className="muted">{text.signIn}</p>}
      <ActionNotice state={state} />
    </form>
  );
}
