import "./metric.css";

/** A value with its label, in a `<dl className="metrics">`. `name`: the same in every language. */
export function Metric({ label, value, name }: { label: string; value: string; name?: string }) {
  return (
    <div data-metric={name}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
