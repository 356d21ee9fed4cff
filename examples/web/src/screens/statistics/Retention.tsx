import { Chart } from "../../components/chart/Chart";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const RETENTION = graphql(`
  fragment Retention on Statistics {
    byInterval {
      minDays
      maxDays
      retention
    }
    byHour {
      hour
      retention
    }
    byLevel {
      jlptLevel
      retention
    }
    calibration {
      predicted
      retention
    }
  }
`);

/** How many of the reviews were right: by interval, hour and level, and compared with the prediction. */
export function Retention(props: { statistics: FragmentType<typeof RETENTION> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const { byInterval, byHour, byLevel, calibration } = readFragment(RETENTION, props.statistics);
  const toChart = (heading: string, rows: readonly { retention?: number | null }[], labels: string[]) => (
    <Chart
      heading={heading}
      labels={rows.some(({ retention }) => typeof retention === "number") ? labels : []}
      series={[{ name: text.retention, values: rows.map(({ retention }) => retention ?? null), kind: "bars", color: "--heat-3" }]}
      format={format.percent}
      max={1}
    />
  );
  return (
    <div className="grid charts">
      <section className="panel">
        <h2>{text.byInterval}</h2>
        {toChart(text.interval, byInterval, byInterval.map(({ minDays, maxDays }) => text.range(minDays, maxDays ?? null)))}
      </section>
      <section className="panel">
        <h2>{text.byHour}</h2>
        {toChart(text.hour, byHour, byHour.map(({ hour }) => text.oClock(hour)))}
      </section>
      <section className="panel">
        <h2>{text.byLevel}</h2>
        {toChart(text.level, byLevel, byLevel.map(({ jlptLevel }) => jlptLevel ?? text.noLevel))}
      </section>
      <section className="panel">
        <h2>{text.calibration}</h2>
        <Chart
          heading={text.predicted}
          labels={calibration.map(({ predicted }) => format.percentExact(predicted))}
          series={[
            { name: text.real, values: calibration.map(({ retention }) => retention ?? null), kind: "bars", color: "--heat-3" },
            { name: text.predicted, values: calibration.map(({ predicted }) => predicted), kind: "line", color: "--text" },
          ]}
          format={format.percent}
          max={1}
          empty={text.noPrediction}
        />
      </section>
    </div>
  );
}
