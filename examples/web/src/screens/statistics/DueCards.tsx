import { Chart } from "../../components/chart/Chart";
import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";

const DUE_CARDS = graphql(`
  fragment DueCards on Statistics {
    forecast(days: 30) {
      date
      learning
      young
      mature
    }
  }
`);

/** Cards that become due in the next month, by maturity. */
export function DueCards(props: { statistics: FragmentType<typeof DUE_CARDS> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const days = readFragment(DUE_CARDS, props.statistics).forecast ?? [];
  return (
    <section className="panel">
      <h2>{text.forecast}</h2>
      <Chart
        heading={text.day}
        labels={days.map(({ date }) => format.shortDate(date))}
        series={[
          { name: text.mature, values: days.map(({ mature }) => mature), kind: "bars", color: "--positive" },
          { name: text.young, values: days.map(({ young }) => young), kind: "bars", color: "--heat-2" },
          { name: text.learning, values: days.map(({ learning }) => learning), kind: "bars", color: "--warning" },
        ]}
        format={format.number}
        stacked
      />
    </section>
  );
}
