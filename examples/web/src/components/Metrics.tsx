import { Metric } from "./Metric";

/** Named values, such as numbers of a day. */
export function Metrics({ values }: { values: readonly (readonly [label: string, value: string])[] }) {
  return (
    <dl className="metrics">
      {values.map(([label, value]) => (
        <Metric key={label} label={label} value={value} />
      ))}
    </dl>
  );
}
