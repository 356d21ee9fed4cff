import { useState } from "react";
import { useQuery } from "urql";
import { Chart } from "../../../components/chart/Chart";
import { DataTable } from "../../../components/DataTable";
import { Field } from "../../../components/Field";
import { Metrics } from "../../../components/Metrics";
import { graphql } from "../../../graphql/generated";
import { useFormat } from "../../../i18n/format";
import { useMessages } from "../../../i18n/messages";
import { AdminScreen } from "../AdminScreen";
import { Cohorts } from "./Cohorts";
import { messages } from "./messages";
import { PERIODS, rangeOf } from "./period";

const ANALYTICS = graphql(`
  query AdminAnalytics($from: Date!, $to: Date!) {
    viewer {
      id
      ...Shell
    }
    admin {
      analytics(from: $from, to: $to) {
        activeLearners
        newLearners
        reviews
        retention
        studyMinutes
        textbooksGenerated
        booksFinished
        days {
          date
          activeLearners
          weeklyActiveLearners
          monthlyActiveLearners
          reviews
        }
        topVocabulary(first: 10) {
          reviews
          lapseRate
          vocabulary {
            id
            word
          }
        }
        ...AdminCohorts
      }
    }
  }
`);

/** What all learners do, by day and by week of sign-up. */
export default function Analytics() {
  const text = useMessages(messages);
  const format = useFormat();
  const [period, setPeriod] = useState<number>(PERIODS[0]);
  const [range, setRange] = useState(() => rangeOf(PERIODS[0]));
  const [result, reload] = useQuery({ query: ANALYTICS, variables: range });
  return (
    <AdminScreen state={result} onRetry={reload}>
      {({ admin }) => {
        const analytics = admin?.analytics;
        if (!analytics) return null;
        const { days, retention, topVocabulary } = analytics;
        const labels = days.map(({ date }) => format.shortDate(date));
        const line = (name: string, values: number[], color: string) => ({ name, values, color, kind: "line" as const });
        return (
          <>
            <Field label={text.period}>
              {(control) => (
                <select
                  {...control}
                  value={period}
                  onChange={({ target }) => {
                    setPeriod(Number(target.value));
                    setRange(rangeOf(Number(target.value)));
                  }}
                >
                  {PERIODS.map((count) => (
                    <option key={count} value={count}>
                      {text.days(count)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <section className="panel">
              <h2>{text.totals}</h2>
              <Metrics
                values={[
                  [text.active, format.number(analytics.activeLearners)],
                  [text.new, format.number(analytics.newLearners)],
                  [text.reviews, format.number(analytics.reviews)],
                  [text.retention, typeof retention === "number" ? format.percent(retention) : "–"],
                  [text.minutes, format.number(Math.round(analytics.studyMinutes))],
                  [text.textbooks, format.number(analytics.textbooksGenerated)],
                  [text.books, format.number(analytics.booksFinished)],
                ]}
              />
            </section>
            <section className="panel">
              <h2>{text.active}</h2>
              <Chart
                heading={text.day}
                labels={labels}
                series={[
                  line(text.daily, days.map(({ activeLearners }) => activeLearners), "--accent"),
                  line(text.weekly, days.map(({ weeklyActiveLearners }) => weeklyActiveLearners), "--positive"),
                  line(text.monthly, days.map(({ monthlyActiveLearners }) => monthlyActiveLearners), "--warning"),
                ]}
                format={format.number}
              />
            </section>
            <section className="panel">
              <h2>{text.reviews}</h2>
              <Chart
                heading={text.day}
                labels={labels}
                series={[{ name: text.reviews, values: days.map(({ reviews }) => reviews), kind: "bars", color: "--heat-3" }]}
                format={format.number}
              />
            </section>
            <Cohorts analytics={analytics} />
            <section className="panel">
              <h2>{text.hardest}</h2>
              <DataTable
                label={text.hardest}
                rows={topVocabulary}
                keyOf={({ vocabulary }) => vocabulary.id}
                columns={[
                  { label: text.word, cell: ({ vocabulary }) => <span lang="ja">{vocabulary.word}</span> },
                  { label: text.reviews, cell: ({ reviews }) => format.number(reviews) },
                  { label: text.failed, cell: ({ lapseRate }) => format.percent(lapseRate) },
                ]}
              />
            </section>
          </>
        );
      }}
    </AdminScreen>
  );
}
