import { lazy, Suspense } from "react";
import { useMessages } from "../../i18n/messages";
import { messages } from "../messages";
import { Scroll } from "../Scroll";
import "./chart.css";

// uPlot is loaded when the first chart is displayed.
const Canvas = lazy(() => import("./Canvas"));

export interface Series {
  name: string;
  /** A value for each label; null where there is none. */
  values: readonly (number | null)[];
  kind: "bars" | "line";
  /** A CSS variable: `--accent`. */
  color: string;
}

export interface ChartProps {
  /** What the labels are: "Day". */
  heading: string;
  labels: readonly string[];
  series: readonly Series[];
  format: (value: number) => string;
  /** Draws each series on top of the former one. */
  stacked?: boolean;
  /** The end of the axis of values; by default the greatest value. */
  max?: number;
  /** The text without labels. */
  empty?: string;
}

/** Values by label, drawn for the eye, and as a table for everybody else. */
export function Chart(props: ChartProps) {
  const text = useMessages(messages);
  if (props.labels.length === 0) return <p className="muted">{props.empty ?? text.noData}</p>;
  return (
    <>
      <div className="chart" aria-hidden="true">
        <Suspense fallback={null}>
          <Canvas {...props} />
        </Suspense>
      </div>
      <details className="chart-table">
        <summary>{text.table}</summary>
        <Table {...props} />
      </details>
    </>
  );
}

function Table({ heading, labels, series, format }: ChartProps) {
  return (
    <Scroll label={heading}>
      <table>
        <thead>
          <tr>
            <th scope="col">{heading}</th>
            {series.map(({ name }) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label, index) => (
            <tr key={index}>
              <th scope="row">{label}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{formatted(values[index], format)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const formatted = (value: number | null | undefined, format: (value: number) => string): string =>
  typeof value === "number" ? format(value) : "–";
