import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { useSession } from "../../app/session";
import { ErrorNotice } from "../../components/ErrorNotice";
import { UserErrors } from "../../components/UserErrors";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const QUESTION = graphql(`
  fragment Question on Exercise {
    id
    prompts {
      text
    }
    options
  }
`);

const ANSWER = graphql(`
  mutation AnswerQuestions($input: AnswerExercisesInput!) {
    answerExercises(input: $input) {
      errors {
        code
        message
        path
      }
      results {
        error {
          code
          message
          path
        }
        exercise {
          id
        }
        attempt {
          id
          results {
            isCorrect
            answer
            explanation
          }
        }
      }
    }
  }
`);

interface Choice {
  option: number;
  key: string;
}

const choose = (option: number): Choice => ({ option, key: crypto.randomUUID() });

/** Comprehension questions after the last page. Each exercise is one question with options. */
export function Questions(props: { exercises: readonly FragmentType<typeof QUESTION>[] }) {
  const text = useMessages(messages);
  const { user } = useSession();
  const exercises = readFragment(QUESTION, props.exercises);
  // An answer has the same key until it is saved: sent again, it counts once.
  const [chosen, setChosen] = useState<Record<string, Choice>>({});
  const [{ data, error, fetching }, answer] = useMutation(ANSWER);
  if (exercises.length === 0) return null;
  const results = data?.answerExercises?.results ?? [];

  async function submit(event: FormEvent) {
    event.preventDefault();
    const attempts = exercises.flatMap(({ id }) => {
      const choice = chosen[id];
      return choice ? [{ exerciseId: id, answers: [{ option: choice.option }], idempotencyKey: choice.key }] : [];
    });
    const { data } = await answer({ input: { attempts } });
    const saved = (data?.answerExercises?.results ?? []).flatMap(({ attempt, exercise }) => (attempt && exercise ? [exercise.id] : []));
    // Another press of the button is another attempt.
    setChosen((now) => ({ ...now, ...Object.fromEntries(saved.flatMap((id) => (now[id] ? [[id, choose(now[id].option)]] : []))) }));
  }

  return (
    <form className="questions panel" onSubmit={submit}>
      <h2>{text.questions}</h2>
      {exercises.map(({ id, prompts, options }) => {
        const result = results.find(({ exercise }) => exercise?.id === id)?.attempt?.results[0];
        return (
          <fieldset key={id} disabled={user === null}>
            <legend lang="ja">{prompts[0]?.text}</legend>
            {options.map((option, index) => (
              <label key={index} className="check" lang="ja">
                <input
                  type="radio"
                  name={id}
                  checked={chosen[id]?.option === index}
                  onChange={() => setChosen({ ...chosen, [id]: choose(index) })}
                />{" "}
                {option}
              </label>
            ))}
            {result && (
              <p role="status">
                {result.isCorrect ? `✓ ${text.right}` : `✗ ${text.wrong(result.answer)}`}{" "}
                <span className="muted" lang="en">
                  {result.explanation}
                </span>
              </p>
            )}
          </fieldset>
        );
      })}
      {user === null ? (
        <p>{text.signIn}</p>
      ) : (
        <button className="primary" disabled={fetching || Object.keys(chosen).length === 0}>
          {text.answer}
        </button>
      )}
      {error && <ErrorNotice error={error} />}
      <UserErrors errors={[...(data?.answerExercises?.errors ?? []), ...results.flatMap((result) => result.error ?? [])]} />
    </form>
  );
}
