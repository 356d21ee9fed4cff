import { useState } from "react";
import { useMutation } from "urql";
import { ErrorNotice } from "../../components/ErrorNotice";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
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

/** An exercise with the newest attempt: answered, graded and repeated. */
export function Exercise(props: { exercise: FragmentType<typeof EXERCISE>; canAnswer: boolean }) {
  const text = useMessages(messages);
  const { id, kind, title, task, answerLanguage, prompts, options, lastAttempt } = readFragment(EXERCISE, props.exercise);
  const [{ data, error, fetching }, answer] = useMutation(ANSWER);
  const [isRetrying, setRetrying] = useState(false);
  const [answers, setAnswers] = useState<Record<number, string>>({});
  // The same until the attempt is saved: sent again, it counts once.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const attempt = isRetrying ? null : (lastAttempt ?? null);
  const isAnswered = Object.values(answers).some((value) => value.trim() !== "");
  const userError = data?.answerExercises?.errors[0] ?? data?.answerExercises?.results[0]?.error;

  async function submit() {
    const given = prompts.map((_, index) => {
      const value = answers[index] ?? "";
      if (options.length > 0) return { option: value === "" ? null : Number(value) };
      return { text: value.trim() === "" ? null : value };
    });
    const { data } = await answer({ input: { attempts: [{ exerciseId: id, answers: given, idempotencyKey }] } });
    if (data?.answerExercises?.results[0]?.exercise) {
      setRetrying(false);
      setAnswers({});
      setKey(crypto.randomUUID());
    }
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
      <h3 id={id}>{title}</h3>
      <p>{task}</p>
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
        <button className="primary" disabled={!props.canAnswer || !isAnswered || fetching}>
          {text.check}
        </button>
      )}
      {!props.canAnswer && <p className="muted">{text.signIn}</p>}
      {userError && <p role="alert">{userError.message}</p>}
      {error && <ErrorNotice error={error} />}
    </form>
  );
}
