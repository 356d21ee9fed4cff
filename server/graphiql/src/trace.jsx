// The panel that shows how each response was executed.
import { useState } from "react";
import { useTraces } from "./traces.js";
import { format, Waterfall } from "./waterfall.jsx";

function TraceIcon(props) {
  return (
    <svg height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" {...props}>
      <path d="M3 5h9M7 10h9M11 15h10M5 20h6" strokeLinecap="round" />
    </svg>
  );
}

export const TRACE_PLUGIN = { title: "Trace", icon: TraceIcon, content: TracePanel };

function TracePanel() {
  const traces = useTraces();
  const [chosen, choose] = useState("");
  if (!traces.length) return <Panel>Run an operation to see how it is executed.</Panel>;
  const shown = traces.find(({ number }) => String(number) === chosen) ?? traces[0];
  return (
    <Panel>
      <select aria-label="Response" value={chosen} onChange={(event) => choose(event.target.value)}>
        <option value="">Latest response</option>
        {traces.map(({ number, name, trace }) => (
          <option key={number} value={String(number)}>
            {number}. {name}, {format(trace.durationMs)}
          </option>
        ))}
      </select>
      <Response key={shown.number} {...shown} />
    </Panel>
  );
}

function Panel({ children }) {
  return (
    <section className="shinjp-trace" aria-label="Trace">
      <h1>Trace</h1>
      {children}
    </section>
  );
}

function Response({ name, trace, cost, stats }) {
  const loaders = trace.spans.filter(({ type }) => type === "loader");
  return (
    <>
      <p>
        <strong>{name}</strong> took {format(trace.durationMs)}. {trace.droppedSpans > 0 && `${trace.droppedSpans} spans are not shown.`}
      </p>
      <Waterfall spans={trace.spans} durationMs={trace.durationMs} />
      <Statements spans={trace.spans} statements={trace.statements} />
      <Table title="Loader batches" head={["loader", "keys", "time"]} rows={loaders.map((each) => [each.name, each.detail, format(each.durationMs)])} />
      <Cache fields={stats?.cache ?? {}} />
      {cost && <Cost {...cost} />}
    </>
  );
}

function Statements({ spans, statements }) {
  const executed = new Map();
  for (const span of spans.filter(isStatement)) executed.set(span.name, [...(executed.get(span.name) ?? []), span]);
  if (!executed.size) return <h2>No statements</h2>;
  return (
    <>
      <h2>Statements</h2>
      {[...executed].map(([name, executions]) => (
        <details key={name}>
          <summary>
            {name}: {executions.length} × {format(sum(executions, "durationMs"))}, {sum(executions, "detail")} rows
          </summary>
          {statements
            .filter((statement) => statement.name === name)
            .map(({ sql, plan }) => (
              <div key={sql}>
                <pre aria-label="SQL">{sql}</pre>
                {plan && <pre aria-label="Plan">{plan}</pre>}
              </div>
            ))}
        </details>
      ))}
    </>
  );
}

function Cache({ fields }) {
  const outcomes = ["hit", "miss", "stale", "holes"];
  const rows = Object.entries(fields).map(([field, counts]) => [field, ...outcomes.map((outcome) => counts[outcome] ?? 0)]);
  return <Table title="Cached fields" head={["field", ...outcomes]} rows={rows} />;
}

function Cost({ requested, actual, byCoordinate = {} }) {
  const rows = Object.entries(byCoordinate).sort(([, a], [, b]) => b - a);
  return (
    <>
      <h2>Cost</h2>
      <p>
        {requested} estimated, {actual} delivered
      </p>
      <Table title="Estimate by coordinate" head={["coordinate", "cost"]} rows={rows} />
    </>
  );
}

function Table({ title, head, rows }) {
  if (!rows.length) return null;
  return (
    <table>
      <caption>{title}</caption>
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name}>{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((value, column) => (
              <td key={column}>{value}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isStatement({ type }) {
  return type === "statement";
}

function sum(spans, name) {
  return spans.reduce((total, span) => total + (span[name] ?? 0), 0);
}
