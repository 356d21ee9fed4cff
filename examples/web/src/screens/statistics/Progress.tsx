import { Chart, type Series } from "../../components/chart/Chart";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import type { Period } from "./period";

const PROGRESS = graphql(`
  fragment Progress on Statistics {
    periods(unit: $unit) {
      startsOn
      reviews
      studyMinutes
      new
      learning
      young
      mature
    }
  }
`);

/** Reviews, time and cards by day, week or month. */
export function Progress(props: { statistics: FragmentType<typeof PROGRESS>; period: Period }) {
  const text = useMessages(messages);
  const format = useFormat();
  const all = readFragment(PROGRESS, props.statistics).periods ?? [];
  // Without the time before the learner had cards.
  const first = all.findIndex(({ reviews, new: created, learning, young, mature }) => reviews + created + learning + young + mature > 0);
  const periods = first < 0 ? [] : all.slice(first);
  const labels = periods.map(({ startsOn }) => (props.period === "all" ? format.month(startsOn) : format.shortDate(startsOn)));
  const bars = (name: string, values: number[], color: string): Series => ({ name, values, kind: "bars", color });
  const heading = text.units[props.period];
  return (
    <div className="grid charts">
      <section className="panel">
        <h2>{text.reviewsBy[props.period]}</h2>
        <Chart
          heading={heading}
          labels={labels}
          series={[bars(text.reviews, periods.map(({ reviews }) => reviews), "--heat-3")]}
          format={format.number}
        />
      </section>
      <section className="panel">
        <h2>{text.timeBy[props.period]}</h2>
        <Chart
          heading={heading}
          labels={labels}
          series={[bars(text.time, periods.map(({ studyMinutes }) => studyMinutes), "--heat-3")]}
          format={(minutes) => text.minutes(format.number(Math.round(minutes)))}
        />
      </section>
      <section className="panel">
        <h2>{text.cards}</h2>
        <Chart
          heading={heading}
          labels={labels}
          series={[
            bars(text.mature, periods.map(({ mature }) => mature), "--positive"),
            bars(text.young, periods.map(({ young }) => young), "--heat-2"),
            bars(text.learning, periods.map(({ learning }) => learning), "--warning"),
            bars(text.new, periods.map(({ new: created }) => created), "--muted"),
          ]}
          format={format.number}
          stacked
        />
      </section>
    </div>
  );
}
