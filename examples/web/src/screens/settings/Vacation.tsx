import { useState } from "react";
import { ActionNotice } from "../../components/ActionNotice";
import { Field } from "../../components/Field";
import { JobProgress } from "../../components/jobs/JobProgress";
import { errorOf, useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const CURRENT_VACATION = graphql(`
  fragment CurrentVacation on Viewer {
    id
    vacation {
      startsOn
      endsOn
    }
  }
`);

const START_VACATION = graphql(`
  mutation StartVacation($input: StartVacationInput!) {
    startVacation(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...CurrentVacation
      }
      job {
        id
        ...JobProgress
      }
    }
  }
`);

const END_VACATION = graphql(`
  mutation EndVacation($input: EndVacationInput!) {
    endVacation(input: $input) {
      errors {
        code
        message
        path
      }
      viewer {
        ...CurrentVacation
      }
      job {
        id
        ...JobProgress
      }
    }
  }
`);

/** The present or planned vacation, which moves due days and does not end the streak. */
export function Vacation(props: { viewer: FragmentType<typeof CURRENT_VACATION>; onChanged: () => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { vacation } = readFragment(CURRENT_VACATION, props.viewer);
  const [starting, start] = useAction(START_VACATION, (data) => data.startVacation);
  const [ending, end] = useAction(END_VACATION, (data) => data.endVacation);
  const [days, setDays] = useState({ startsOn: "", endsOn: "" });
  const [changed, setChanged] = useState<Awaited<ReturnType<typeof start | typeof end>>>(null);
  return (
    <section className="panel" aria-label={text.vacation}>
      <h2>{text.vacation}</h2>
      {vacation ? (
        <div className="row">
          <span>{text.vacationDays(format.date(vacation.startsOn), format.date(vacation.endsOn))}</span>
          <button disabled={ending.running} onClick={async () => setChanged(await end({ input: {} }))}>
            {text.endVacation}
          </button>
        </div>
      ) : (
        <form
          onSubmit={async (event) => {
            event.preventDefault();
            setChanged(await start({ input: { startsOn: days.startsOn || null, endsOn: days.endsOn, idempotencyKey: crypto.randomUUID() } }));
          }}
        >
          <div className="fields">
            <Field label={text.startsOn} error={errorOf(starting, "startsOn")}>
              {(control) => (
                <input
                  {...control}
                  type="date"
                  value={days.startsOn}
                  onChange={({ target }) => setDays({ ...days, startsOn: target.value })}
                />
              )}
            </Field>
            <Field label={text.endsOn} error={errorOf(starting, "endsOn")}>
              {(control) => (
                <input
                  {...control}
                  type="date"
                  required
                  value={days.endsOn}
                  onChange={({ target }) => setDays({ ...days, endsOn: target.value })}
                />
              )}
            </Field>
          </div>
          <ActionNotice state={starting} fields={["startsOn", "endsOn"]} />
          <button className="form-end" disabled={starting.running}>
            {text.startVacation}
          </button>
        </form>
      )}
      <ActionNotice state={ending} />
      {changed?.job && <JobProgress job={changed.job} label={text.rescheduling} onFinished={props.onChanged} />}
    </section>
  );
}
