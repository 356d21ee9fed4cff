import { useMemo } from "react";
import { useQuery } from "urql";
import { useSearchParams } from "wouter";
import { ErrorNotice } from "../../components/ErrorNotice";
import { Heading } from "../../components/Heading";
import { Notice } from "../../components/Notice";
import { Spinner } from "../../components/Spinner";
import { graphql } from "../../graphql/generated";
import { useMessages } from "../../i18n/messages";
import { DueCards } from "./DueCards";
import { HardestCards } from "./HardestCards";
import { messages } from "./messages";
import { firstDay, isPeriod, PERIODS, UNITS, type Period } from "./period";
import { Progress } from "./Progress";
import { Retention } from "./Retention";
import { Totals } from "./Totals";
import "./statistics.css";

const STATISTICS = graphql(`
  query Statistics($from: Date!, $unit: StatisticsUnit!) {
    viewer {
      id
      ...Shell
      statistics(from: $from) {
        ...Totals
        ...Progress
        ...Retention
        ...DueCards
        ...HardestCards
      }
    }
  }
`);

export default function Statistics() {
  const text = useMessages(messages);
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get("period");
  const period: Period = isPeriod(chosen) ? chosen : "year";
  const variables = useMemo(() => ({ from: firstDay(period), unit: UNITS[period] }), [period]);
  const [{ data, error, fetching }, reload] = useQuery({ query: STATISTICS, variables });
  const statistics = data?.viewer?.statistics;
  if (data && !data.viewer) {
    return (
      <>
        <Heading title={text.title} />
        <Notice>{text.signIn}</Notice>
      </>
    );
  }
  return (
    <>
      <Heading title={text.title} />
      <fieldset className="choices">
        <legend className="visually-hidden">{text.period}</legend>
        {PERIODS.map((name) => (
          <label key={name} className="check">
            <input type="radio" name="period" checked={name === period} onChange={() => setParameters({ period: name }, { replace: true })} />
            {text.periods[name]}
          </label>
        ))}
      </fieldset>
      {error && <ErrorNotice error={error} onRetry={reload} />}
      {fetching && !statistics && <Spinner />}
      {statistics && (
        <>
          <Totals statistics={statistics} />
          <Progress statistics={statistics} period={period} />
          <Retention statistics={statistics} />
          <DueCards statistics={statistics} />
          <HardestCards statistics={statistics} />
        </>
      )}
    </>
  );
}
