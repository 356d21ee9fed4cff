import { ActionNotice } from "../../components/ActionNotice";
import { JobProgress } from "../../components/jobs/JobProgress";
import { useAction } from "../../components/useAction";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import type { FittedParametersFragment } from "../../graphql/generated/graphql";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { useState } from "react";
import { messages } from "./messages";

const FITTED_PARAMETERS = graphql(`
  fragment FittedParameters on Scheduling {
    source
    parameters
    optimalRetention
    evaluation {
      logLoss
      rmse
      previousLogLoss
      previousRmse
      isKept
      reviews
      fittedAt
    }
  }
`);

const OPTIMIZE_SCHEDULING = graphql(`
  mutation OptimizeScheduling($input: OptimizeSchedulingInput!) {
    optimizeScheduling(input: $input) {
      errors {
        code
        message
        path
      }
      job {
        id
        ...JobProgress
      }
    }
  }
`);

/** The learner's parameters of FSRS, and a job that fits them again. */
export function FittedParameters({ onFitted, ...props }: { scheduling: FragmentType<typeof FITTED_PARAMETERS>; onFitted: () => void }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { source, parameters, optimalRetention, evaluation } = readFragment(FITTED_PARAMETERS, props.scheduling);
  const [state, optimize] = useAction(OPTIMIZE_SCHEDULING, (data) => data.optimizeScheduling);
  const [started, setStarted] = useState<Awaited<ReturnType<typeof optimize>>>(null);
  return (
    <section className="panel" aria-label={text.parameters}>
      <h2>{text.parameters}</h2>
      <p>
        {text.sources[source]}
        {typeof optimalRetention === "number" && ` ${text.optimalRetention(format.percent(optimalRetention))}`}
      </p>
      {evaluation && <Evaluation evaluation={evaluation} />}
      <details>
        <summary>{text.allParameters}</summary>
        <p className="parameters">{parameters.map((value) => value.toFixed(4)).join(", ")}</p>
      </details>
      <ActionNotice state={state} />
      <button disabled={state.running} onClick={async () => setStarted(await optimize({ input: {} }))}>
        {text.optimize}
      </button>
      {started?.job && <JobProgress job={started.job} label={text.optimize} onFinished={onFitted} />}
    </section>
  );
}

function Evaluation({ evaluation }: { evaluation: NonNullable<FittedParametersFragment["evaluation"]> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { logLoss, rmse, previousLogLoss, previousRmse, isKept, reviews, fittedAt } = evaluation;
  return (
    <>
      <p>{text.fitted(format.dateTime(fittedAt), format.number(reviews), isKept)}</p>
      <table className="evaluation">
        <thead>
          <tr>
            <th scope="col">{text.predictionError}</th>
            <th scope="col">{text.before}</th>
            <th scope="col">{text.after}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{text.logLoss}</th>
            <td>{previousLogLoss.toFixed(4)}</td>
            <td>{logLoss.toFixed(4)}</td>
          </tr>
          <tr>
            <th scope="row">{text.rmse}</th>
            <td>{previousRmse.toFixed(4)}</td>
            <td>{rmse.toFixed(4)}</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}
