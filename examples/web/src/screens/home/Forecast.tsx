import { graphql, readFragment, type FragmentType } from "../../graphql/generated";
import { useFormat } from "../../i18n/format";
import { useMessages } from "../../i18n/messages";
import { messages } from "./messages";
import "./forecast.css";

const FORECAST = graphql(`
  fragment Forecast on Dashboard {
    forecast(days: 14) {
      date
      due
    }
  }
`);

/** Due cards of the next two weeks: a table that is drawn as bars. */
export function Forecast(props: { dashboard: FragmentType<typeof FORECAST> }) {
  const text = useMessages(messages);
  const format = useFormat();
  const days = readFragment(FORECAST, props.dashboard).forecast ?? [];
  const most = Math.max(1, ...days.map(({ due }) => due));
  return (
    <section className="panel">
      <h2>{text.forecast}</h2>
      <table className="forecast">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{text.date}</th>
            <th scope="col">{text.due}</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ date, due }) => (
            <tr key={date}>
              <th scope="row">{format.date(date)}</th>
              <td>
                <span className="bar" style={{ inlineSize: `${(80 * due) / most}%` }} /> {format.number(due)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
